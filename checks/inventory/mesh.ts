import type { InstallPlan } from "../../readiness";
import type { Cluster } from "./cluster";
import type { Watch } from "./watch";

/** A one-way link: services of `from` may call those of `to`. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** What is expected of a mesh, as far as its stack or settings say. For a mesh known by contexts alone, nothing is. */
export interface Expected {
  /** Name of the shared network. */
  readonly network?: string;
  readonly trustDomain?: string;
  readonly links?: readonly Link[];
  /** By cluster: where peers reach its east-west Gateway; with a port where that is one of the nodes. */
  readonly eastWestAddresses?: Readonly<
    Record<string, { readonly type: string; readonly value: string; readonly port?: number | undefined }>
  >;
  /** By cluster: CIDRs, absent where they are not known. */
  readonly subnets?: Readonly<
    Record<string, { readonly pods?: string | undefined; readonly services?: string | undefined }>
  >;
  /** Every root that is trusted, PEM, by name; and the one that signs. */
  readonly roots?: { readonly trusted: Readonly<Record<string, string>>; readonly signing: string };
  readonly distribution?: "solo" | "community";
  /** Tag of the mesh's images, and version of its charts. */
  readonly version?: string;
  /** Release of the Gateway API's definitions, such as `v1.4.0`. */
  readonly gatewayApi?: string;
  /** Whether the demo, which is used to test traffic, is deployed. */
  readonly demo?: boolean;
  /** By cluster: what is to be installed in it. */
  readonly plans?: Readonly<Record<string, InstallPlan>>;
  /** Clusters in which the stack's mesh is installed already. */
  readonly installed?: readonly string[];
  /** Peers that the stack is waiting for. */
  readonly missingPeers?: readonly string[];
}

/** The clusters of a mesh that a report is about. */
export interface Mesh {
  readonly clusters: readonly Cluster[];
  readonly expected: Expected;
  /** Of the check that is looking; absent where nobody waits for one. */
  readonly watch?: Watch;
}

/**
 * The links between the clusters of a mesh: those that are expected, or, if it is known by contexts alone, every one that
 * there could be.
 */
export function linksOf({ clusters, expected }: Mesh): readonly Link[] {
  const names = clusters.map(({ name }) => name);
  const links =
    expected.links ?? names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
  return links.filter(({ from, to }) => names.includes(from) && names.includes(to));
}

/** The clusters of a mesh that one of them may call. */
export function peersOf(mesh: Mesh, name: string): readonly Cluster[] {
  const peers = new Set(linksOf(mesh).flatMap(({ from, to }) => (from === name ? [to] : [])));
  return mesh.clusters.filter((cluster) => peers.has(cluster.name));
}

/** A cluster that another one is linked to; `cluster` is undefined for one of another stack. */
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
