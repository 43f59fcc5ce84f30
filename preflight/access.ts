import { type Access, engineersAccess, ownAccess } from "../kubernetes";
import { PreconditionError } from "../diagnostics";
import type { ExistingClusterSettings } from "../settings";
import { recordedKubeconfigs, type StackState } from "../stacks";
import type { PlannedCluster } from "./cluster-plan";

/**
 * How the clusters of a stack are reached by what its state has, before this update changes anything.
 *
 * @param clusters One that is to be recreated is another one, and not there yet.
 * @returns By name. A cluster that is not made yet has no entry.
 * @throws KubeconfigError where what the state has can't be used.
 */
export function recordedAccess(clusters: readonly PlannedCluster[], state: StackState): ReadonlyMap<string, Access> {
  const byPrefix = new Map(clusters.map((cluster) => [cluster.namePrefix, cluster]));
  return new Map(
    recordedKubeconfigs(state).flatMap(({ namePrefix, access }): [string, Access][] => {
      const cluster = byPrefix.get(namePrefix);
      const context = cluster && "context" in cluster.settings ? cluster.settings.context : undefined;
      return cluster ? [[cluster.name, access(context)]] : [];
    }),
  );
}

/**
 * How an existing cluster is reached: by the context that the settings name, and nothing else of the kubeconfig that has it.
 *
 * @throws PreconditionError when the engineer's own kubeconfig lacks the context.
 */
export function accessTo({ name, kubeconfig, context }: ExistingClusterSettings): Access {
  if (kubeconfig !== undefined) {
    return ownAccess(kubeconfig, `the kubeconfig of cluster ${name} in the settings`, context);
  }
  if (context !== undefined) {
    return engineersAccess(context);
  }
  throw new PreconditionError(
    "An existing cluster needs a kubeconfig or a context: set one of the two.",
    "docs/existing-clusters.md#kubeconfigs",
  );
}
