import type { Node } from "./nodes";

/** A cluster's nodes, and the subnet of its Services. */
export interface Reachable {
  readonly nodes: readonly Node[];
  readonly serviceSubnet: string;
}

/** A route that one node needs. */
export interface Route {
  readonly node: string;
  /** CIDR. */
  readonly destination: string;
  /** IPv4 address of the node to send it to. */
  readonly via: string;
  /** Name of that node, which stays when its address changes. */
  readonly by: string;
}

/**
 * The routes that the nodes of a cluster need to reach the others on a flat network: each pod subnet through its node, each
 * service subnet through that cluster's first control plane, where kube-proxy serves it.
 */
export function routesFor(cluster: Reachable, others: readonly Reachable[]): Route[] {
  const destinations = others.flatMap(({ nodes, serviceSubnet }) => [
    ...nodes.map(({ name: by, podSubnet, address }) => ({ destination: podSubnet, via: address, by })),
    ...nodes
      .filter(({ role }) => role === "control-plane")
      .slice(0, 1)
      .map(({ name: by, address }) => ({ destination: serviceSubnet, via: address, by })),
  ]);
  return cluster.nodes.flatMap(({ name }) => destinations.map((destination) => ({ node: name, ...destination })));
}
