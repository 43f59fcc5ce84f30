import * as pulumi from "@pulumi/pulumi";
import { ApiServer } from "../../kubernetes";
import { type Cluster, hookAccess } from "../clusters";
import { type ExternalCacerts, judgeExternalCacerts } from "../trust/cacerts";

/** Makes the hook for a cluster: what has to hold before istiod is created there. */
export type ExternalCacertsHook = (
  cluster: Pick<Cluster, "name" | "namePrefix" | "kubeconfig" | "context">,
) => pulumi.ResourceHook;

/**
 * Sees, before istiod is put into a cluster that the stack provisions and whose certificates somebody else provides, that they are
 * there, and of one root with those of all others. Those of existing clusters are looked at before anything is made.
 *
 * @param cacerts What other clusters are known to have.
 */
export function externalCacertsHooks(cacerts: readonly ExternalCacerts[]): ExternalCacertsHook {
  // Of all clusters: each hook adds what it finds in its own.
  const known = new Map(cacerts.map((one) => [one.cluster, one]));
  return ({ name, namePrefix, ...credentials }) => {
    const access = hookAccess(name, credentials);
    return new pulumi.ResourceHook(`${namePrefix}-external-cacerts`, async () => {
      const server = await ApiServer.open(await access());
      const files = await server.secret("istio-system", "cacerts");
      known.set(name, { cluster: name, files });
      const { faults } = judgeExternalCacerts([...known.values()]);
      if (faults.length > 0) {
        throw new Error(faults.join("\n"));
      }
    });
  };
}
