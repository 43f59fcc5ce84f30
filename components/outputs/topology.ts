import type { ClusterSettings } from "../../settings";
import type { EstablishedLink } from "../peering";

export interface TopologyArgs {
  readonly network: string;
  readonly clusters: readonly ClusterSettings[];
  /** Clusters of other stacks, by name. */
  readonly peers: readonly string[];
  readonly links: readonly EstablishedLink[];
}

/** A Mermaid flowchart of the clusters of a mesh on their flat network, and of who may call whom. */
export function topology({ network, clusters, peers, links }: TopologyArgs): string {
  return [
    "flowchart LR",
    `  subgraph network["${network}"]`,
    ...clusters.map((cluster) => `    ${id(cluster.name)}["${label(cluster)}"]`),
    ...peers.map((peer) => `    ${id(peer)}(["${peer}<br/>(another stack)"])`),
    "  end",
    ...arrows(links),
    "",
  ].join("\n");
}

function label({ name, podSubnet, serviceSubnet, platform }: ClusterSettings): string {
  return [
    `<b>${name}</b>`,
    ...(platform === undefined ? [] : [platform]),
    ...(podSubnet === undefined ? [] : [`pods ${podSubnet}`]),
    ...(serviceSubnet === undefined ? [] : [`services ${serviceSubnet}`]),
  ].join("<br/>");
}

/** One arrow for two links that lead both ways. */
function arrows(links: readonly EstablishedLink[]): string[] {
  const leads = (from: string, to: string): boolean => links.some((link) => link.from === from && link.to === to);
  return links.flatMap(({ from, to, via }) => {
    if (!leads(to, from)) {
      return [`  ${id(from)} -->|${via}| ${id(to)}`];
    }
    return from < to ? [`  ${id(from)} <-->|${via}| ${id(to)}`] : [];
  });
}

/** A node identifier: Mermaid has words of its own ("end"), and takes no "--" in a name. */
function id(name: string): string {
  return `c_${name.replaceAll("-", "_")}`;
}
