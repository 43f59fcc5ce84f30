import { type Access, engineersAccess, ownAccess } from "../kubernetes";
import { PreconditionError } from "../diagnostics";
import type { ExistingClusterSettings } from "../settings";
import { recordedKubeconfigs, type StackState } from "../stacks";
import type { PlannedCluster } from "./cluster-plan";

/**
 * Access to the stack's clusters as its state has it, before this update changes anything.
 *
 * @param clusters A cluster that is about to be recreated counts as one that does not exist yet.
 * @returns By name. A cluster that does not exist yet has no entry.
 * @throws KubeconfigError if a kubeconfig in the state can't be used.
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
 * Access to an existing cluster: by the context that the settings name, and nothing else of its kubeconfig.
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
