import type { ClusterSettings } from "../../settings";
import type { EstablishedLink } from "../peering";

export interface TopologyArgs {
  readonly network: string;
  readonly clusters: readonly ClusterSettings[];
  /** Clusters of other stacks, by name. */
  readonly peers: readonly string[];
  readonly links: readonly EstablishedLink[];
}

/**
 * A Mermaid flowchart of the clusters of a mesh on their flat network, and of who may call whom. No name of a cluster can break the
 * diagram or end its Markdown fence.
 */
export function topology({ network, clusters, peers, links }: TopologyArgs): string {
  const ids = identifiers([
    ...clusters.map(({ name }) => name),
    ...peers,
    ...links.flatMap(({ from, to }) => [from, to]),
  ]);
  const id = (name: string): string => ids.get(name) ?? "";
  return [
    "flowchart LR",
    `  subgraph network["${escaped(network)}"]`,
    ...clusters.map((cluster) => `    ${id(cluster.name)}["${label(cluster)}"]`),
    ...peers.map((peer) => `    ${id(peer)}(["${escaped(peer)}<br/>(another stack)"])`),
    "  end",
    ...arrows(links, id),
    "",
  ].join("\n");
}

function label({ name, podSubnet, serviceSubnet, platform }: ClusterSettings): string {
  return [
    `<b>${escaped(name)}</b>`,
    ...(platform === undefined ? [] : [escaped(platform)]),
    ...(podSubnet === undefined ? [] : [`pods ${escaped(podSubnet)}`]),
    ...(serviceSubnet === undefined ? [] : [`services ${escaped(serviceSubnet)}`]),
  ].join("<br/>");
}

/** One arrow for two links that lead both ways. */
function arrows(links: readonly EstablishedLink[], id: (name: string) => string): string[] {
  const leads = (from: string, to: string): boolean => links.some((link) => link.from === from && link.to === to);
  return links.flatMap(({ from, to, via }) => {
    if (!leads(to, from)) {
      return [`  ${id(from)} -->|${escaped(via)}| ${id(to)}`];
    }
    return from < to ? [`  ${id(from)} <-->|${escaped(via)}| ${id(to)}`] : [];
  });
}

/**
 * Node identifiers: Mermaid has reserved words ("end"), and does not accept "--" in a name. What is not a DNS label gets a number
 * instead of its name.
 */
function identifiers(names: readonly string[]): ReadonlyMap<string, string> {
  const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
  return new Map(
    [...new Set(names)].map((name, index) => [
      name,
      label.test(name) ? `c_${name.replaceAll("-", "_")}` : `n_${String(index)}`,
    ]),
  );
}

/** Text within a label: whatever could end it, or be markup in Mermaid or Markdown, becomes a Mermaid character code. */
function escaped(text: string): string {
  return Array.from(text, (character) =>
    /[A-Za-z0-9 ./_-]/.test(character) ? character : `#${String(character.codePointAt(0))};`,
  ).join("");
}
