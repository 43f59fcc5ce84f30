import type { Cluster, Mesh } from "../inventory/index";

/** What was found of clusters, in the mesh's order of them, whichever has answered first. */
export function inOrder<Value>(
  { clusters }: Pick<Mesh, "clusters">,
  found: ReadonlyMap<Cluster, Value>,
): [Cluster, Value][] {
  return clusters.flatMap((cluster): [Cluster, Value][] => {
    const value = found.get(cluster);
    return value === undefined ? [] : [[cluster, value]];
  });
}
