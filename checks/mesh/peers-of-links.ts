import { type Cluster, linksOf, type Mesh } from "../inventory/index";

/** A cluster that another one is linked to; `cluster` where it is looked at, and not one of another stack. */
export interface Peer {
  readonly name: string;
  readonly cluster: Cluster | undefined;
}

/** Every cluster that one is linked to, those of other stacks included. */
export function expectedPeers(mesh: Mesh, from: string): Peer[] {
  const names = new Set(
    (mesh.expected.links ?? linksOf(mesh)).flatMap((link) => (link.from === from ? [link.to] : [])),
  );
  return [...names].map((name) => ({ name, cluster: mesh.clusters.find((cluster) => cluster.name === name) }));
}
