import { join } from "node:path";
import type { Config } from "../../../settings";

/** Secret settings, by texts that nothing else has. */
export const licence = "licence-Zq8xT4wB7n";
export const repoKey = "k3y0fr3p0123";

/** Settings of a stack, as YAML would have them. */
export type StackSettings = Readonly<Record<string, unknown>>;

export const kind = (name: string, more: object = {}) => ({ name, provisioner: "kind", ...more });
export const kwok = (name: string, more: object = {}) => ({ name, provisioner: "kwok", ...more });

export const existing = (name: string, kubeconfig: string) => ({ name, provisioner: "existing", kubeconfig });

/** Settings without a fault, of a mesh on two kwok clusters, with `changes`. */
export function settings(changes: StackSettings = {}): StackSettings {
  return {
    clusters: [kwok("a"), kwok("b")],
    license: licence,
    repoKey,
    // Two small definitions do for plugins that apply none.
    gatewayApi: { version: "v1.4.99", manifests: join(__dirname, "gateway-api.yaml") },
    demo: true,
    // The API servers of this world have nothing of what its plugins make: all of it would be missing.
    detectDrift: false,
    ...changes,
  };
}

/** Settings in the texts that Pulumi holds, below their full keys. */
export function config(given: StackSettings): Config {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      `flatmesh:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
