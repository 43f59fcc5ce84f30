import { shellWord } from "../printable";
import type { Cluster, objects } from "./inventory";

export { shellWord };

type Target = Pick<Cluster, "name" | "access">;

/** For what is no longer as the stack has declared it. */
export const putBack = "Run pulumi up, which puts it back.";

/** For a cluster, or a part of it, that lacks the mesh. */
export const install = "Run pulumi up, which installs what is missing.";

/** A command of kubectl for a cluster, complete: it can be copied into a shell. */
export function kubectl({ name, access }: Target, ...words: readonly string[]): string {
  return ["kubectl", "--context", access?.context ?? name, ...words].map(shellWord).join(" ");
}

/** The same for Helm. */
export function helm({ name, access }: Target, ...words: readonly string[]): string {
  return ["helm", "--kube-context", access?.context ?? name, ...words].map(shellWord).join(" ");
}

/** For a Pod, DaemonSet or Deployment that does not run as it should. */
export function describe(cluster: Target, kind: string, { metadata }: Pick<objects.Pod, "metadata">): string {
  return kubectl(cluster, "describe", kind.toLowerCase(), "-n", metadata.namespace, metadata.name);
}

/**
 * What puts back a value of the Helm release that a workload is of, by an update or by hand.
 *
 * @param values Helm's `key=value`.
 */
export function putBackValues(
  cluster: Target,
  workload: objects.Deployment | undefined,
  ...values: readonly string[]
): string {
  const { annotations = {}, labels = {}, namespace = "" } = workload?.metadata ?? {};
  const release = annotations["meta.helm.sh/release-name"];
  // <chart>-<version>, and the names of charts have hyphens too.
  const [, version] = /-(\d+\.\d+\.\d.*)$/.exec(labels["helm.sh/chart"] ?? "") ?? [];
  if (release === undefined || version === undefined) {
    return putBack;
  }
  const command = helm(
    cluster,
    ...["upgrade", release, "CHART", "-n", annotations["meta.helm.sh/release-namespace"] ?? namespace],
    // Without it Helm takes the newest version that there is.
    ...["--version", version, "--reuse-values", ...values.flatMap((value) => ["--set", value])],
  );
  return `${putBack} Without the program: ${command} (CHART is where it was installed from)`;
}

/** What puts back a field of an object, by an update or by a command. */
export function putBackBy(command: string): string {
  return `${putBack} Without the program: ${command}`;
}
