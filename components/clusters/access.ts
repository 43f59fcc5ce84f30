import * as pulumi from "@pulumi/pulumi";
import { type Access, ownAccess } from "../../kubernetes";
import type { ClusterSettings } from "../../settings";
import { keptClusters, type StackState } from "../../stacks/engine";
import type { Cluster } from "./cluster";
import { type Generation, scopeOf } from "./identity";

/**
 * How the clusters of a stack are reached by what its state has kept, before this update changes anything.
 *
 * @param clusters As the settings have them: one that is to be built anew is another one, and not there yet.
 * @returns By name. A cluster that is not made yet has no entry.
 * @throws KubeconfigError where what was kept can't be used.
 */
export function ownClusters(
  clusters: readonly (ClusterSettings & Generation)[],
  state: StackState,
): ReadonlyMap<string, Access> {
  const scopes = new Map(clusters.map((cluster) => [scopeOf(cluster), cluster]));
  return new Map(
    keptClusters(state).flatMap((kept): [string, Access][] => {
      const cluster = scopes.get(kept.scope);
      const context = cluster && "context" in cluster ? cluster.context : undefined;
      return cluster ? [[cluster.name, kept.access(context)]] : [];
    }),
  );
}

/**
 * The way to a cluster, for hooks: they run once it is known.
 *
 * @returns Throws KubeconfigError where the kubeconfig can't be used.
 */
export function laterAccess({ name, kubeconfig, context }: Pick<Cluster, "name" | "kubeconfig" | "context">) {
  const told = new Promise<readonly [kubeconfig: string, context: string]>((resolve) => {
    pulumi.all([kubeconfig, context]).apply(resolve);
  });
  return async (): Promise<Access> => {
    const [text, wanted] = await told;
    return ownAccess(text, `the kubeconfig of cluster ${name}`, wanted);
  };
}
