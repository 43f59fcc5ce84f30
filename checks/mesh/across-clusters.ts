import type { Cluster, Mesh } from "../inventory";

/** What was found of clusters, in the mesh's order of them, whichever has answered first. */
export function inMeshOrder<Value>(
  { clusters }: Pick<Mesh, "clusters">,
  found: ReadonlyMap<Cluster, Value>,
): [Cluster, Value][] {
  return clusters.flatMap((cluster): [Cluster, Value][] => {
    const value = found.get(cluster);
    return value === undefined ? [] : [[cluster, value]];
  });
}

/** The most frequent text; the first of several. Where no expected value is known, clusters are compared with it. */
export function mostCommon(texts: readonly string[]): string | undefined {
  const count = (text: string) => texts.filter((other) => other === text).length;
  return texts.toSorted((one, other) => count(other) - count(one))[0];
}
