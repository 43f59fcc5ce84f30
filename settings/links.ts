import { closest } from "fastest-levenshtein";
import type { PartialConfig, PartialLink, Report } from "./issues";

/** A one-way link: services of `from` may call those of `to`. The peer Gateway for `to` is in `from`. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** A link as a stack gives it. */
export type LinkSetting = Link | { readonly between: readonly string[] };

/** The one-way links that a link setting stands for. */
function directions(setting: LinkSetting): readonly Link[] {
  if ("from" in setting) {
    return [{ from: setting.from, to: setting.to }];
  }
  const [a = "", b = ""] = setting.between;
  return [
    { from: a, to: b },
    { from: b, to: a },
  ];
}

/**
 * The links that a stack creates, sorted by `from` and `to`, without duplicates. `mesh` links every own cluster with every other
 * cluster, own or peer. A link that starts at a peer belongs to the peer's stack, and is not among them.
 *
 * @param own Names of the stack's own clusters.
 * @param peers Names of the clusters of other stacks that it peers with.
 */
export function planLinks(
  links: "mesh" | readonly LinkSetting[],
  own: readonly string[],
  peers: readonly string[],
): Link[] {
  const all =
    links === "mesh"
      ? own.flatMap((from) => [...own, ...peers].map((to) => ({ from, to })))
      : links.flatMap(directions).filter(({ from }) => own.includes(from));
  const distinct = new Map(all.filter(({ from, to }) => from !== to).map((link) => [linkText(link), link] as const));
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, link]) => link);
}

/** Each link joins two different existing clusters, once. With peer stacks, one end may be a cluster of theirs. */
export function checkLinks({ links, names, given, valid }: PartialConfig, report: Report): void {
  const peers = given.has("peerStacks") && valid.peerStacks?.length !== 0;
  const seen = new Map<string, number>();
  links.forEach((link, index) => {
    const path = ["links", index];
    if (names.length > 0) {
      checkEnds(endsOf(link, path, names, peers), names, peers, report);
    }
    const arrows = arrowsOf(link);
    const [first] = arrows;
    const duplicate = arrows.find((arrow) => seen.has(linkText(arrow)));
    if (first && first.from === first.to) {
      report({
        path,
        value: linkText(first),
        problem: "links a cluster to itself",
        remedy: "link it to another cluster, or remove the link",
      });
    } else if (duplicate) {
      report({
        path,
        value: linkText(duplicate),
        problem: `is in links[${String(seen.get(linkText(duplicate)))}] already`,
        remedy: "list it once",
      });
    }
    arrows.forEach((arrow) => seen.set(linkText(arrow), index));
  });
}

interface End {
  readonly name: string;
  readonly path: PropertyKey[];
  /** Whether a cluster of another stack will do. */
  readonly orPeer: boolean;
}

/** A link starts in this stack: one that starts at a peer is declared in the peer's own stack. */
function endsOf(link: PartialLink, path: PropertyKey[], own: readonly string[], peers: boolean): End[] {
  const { from, to, between = [] } = link;
  const ends: End[] = between.flatMap((name, index) =>
    typeof name === "string"
      ? [{ name, path: [...path, "between", index], orPeer: peers && between.some((other) => own.includes(other)) }]
      : [],
  );
  if (from !== undefined) {
    ends.push({ name: from, path: [...path, "from"], orPeer: false });
  }
  if (to !== undefined) {
    ends.push({ name: to, path: [...path, "to"], orPeer: peers });
  }
  return ends;
}

function checkEnds(ends: readonly End[], own: readonly string[], peers: boolean, report: Report): void {
  for (const { name, path, orPeer } of ends) {
    if (!own.includes(name) && !orPeer) {
      report({
        path,
        value: name,
        problem: "is not a cluster of this stack",
        remedy:
          `did you mean ${closest(name, [...own])}? ` +
          (peers
            ? "A link that starts at a peer is declared in the peer's own stack"
            : "For a cluster of another stack, name that stack in peerStacks"),
      });
    }
  }
}

function arrowsOf({ from, to, between }: PartialLink): readonly Link[] {
  if (from !== undefined && to !== undefined) {
    return directions({ from, to });
  }
  return between?.length === 2 && between.every((name) => typeof name === "string") ? directions({ between }) : [];
}

function linkText({ from, to }: Link): string {
  return `${from} → ${to}`;
}

/** Peer stacks are other stacks, each listed once; without any there is nothing to require. */
export function checkPeers({ valid, given }: PartialConfig, stack: string | undefined, report: Report): void {
  const { peerStacks = [], requirePeers } = valid;
  peerStacks.forEach((name, index) => {
    const path = ["peerStacks", index];
    if (peerStacks.indexOf(name) < index) {
      report({ path, value: name, problem: "is listed twice", remedy: "list it once" });
    }
    if (name === stack) {
      report({ path, value: name, problem: "is this stack itself", remedy: "list other stacks only" });
    }
  });
  if (requirePeers && (!given.has("peerStacks") || valid.peerStacks?.length === 0)) {
    report({
      path: ["requirePeers"],
      value: true,
      problem: "requires peers, and there are no peerStacks",
      remedy: "list the stacks to peer with in peerStacks, or leave it out",
    });
  }
}
