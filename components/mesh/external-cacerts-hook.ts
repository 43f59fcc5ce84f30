import * as pulumi from "@pulumi/pulumi";
import { ApiServer } from "../../kubernetes";
import { type Cluster, hookAccess } from "../clusters";
import { type ExternalCacerts, judgeExternalCacerts } from "../trust/external-cacerts";

/** Returns the hook that runs before istiod is created in a cluster. */
export type ExternalCacertsHook = (
  cluster: Pick<Cluster, "name" | "namePrefix" | "kubeconfig" | "context">,
) => pulumi.ResourceHook;

/**
 * For clusters that the stack provisions and whose certificates are managed elsewhere: checks, before istiod is installed, that the
 * certificates exist and share a root with those of all other clusters. Existing clusters are checked by preflight.
 *
 * @param cacerts Those that are known of other clusters.
 */
export function externalCacertsHooks(cacerts: readonly ExternalCacerts[]): ExternalCacertsHook {
  // Shared by all hooks: each adds what it finds in its cluster.
  const known = new Map(cacerts.map((one) => [one.cluster, one]));
  return ({ name, namePrefix, ...credentials }) => {
    const access = hookAccess(name, credentials);
    return new pulumi.ResourceHook(`${namePrefix}-external-cacerts`, async () => {
      const server = await ApiServer.open(await access());
      const files = await server.secret("istio-system", "cacerts");
      known.set(name, { cluster: name, files });
      const { problems } = judgeExternalCacerts([...known.values()]);
      if (problems.length > 0) {
        throw new Error(problems.join("\n"));
      }
    });
  };
}
