import { closest } from "fastest-levenshtein";
import type { Draft, DraftLink } from "../draft";
import type { Faults } from "../faults";
import { directions, type Link } from "../links";

/** Links join two different clusters that there are, each once. With peer stacks, one end may be a cluster of theirs. */
export function checkLinks({ links, names, said, whole }: Draft, faults: Faults): void {
  const peers = said.has("peerStacks") && whole.peerStacks?.length !== 0;
  const seen = new Map<string, number>();
  links.forEach((link, index) => {
    const path = `links[${String(index)}]`;
    if (names.length > 0) {
      checkEnds(endsOf(link, path, names, peers), names, peers, faults);
    }
    const wanted = oneWay(link);
    const [first] = wanted;
    const double = wanted.find((arrow) => seen.has(arrowText(arrow)));
    if (first && first.from === first.to) {
      faults.add({
        path,
        value: arrowText(first),
        problem: "links a cluster to itself",
        remedy: "link it to another cluster, or remove the link",
      });
    } else if (double) {
      faults.add({
        path,
        value: arrowText(double),
        problem: `is said by links[${String(seen.get(arrowText(double)))}] already`,
        remedy: "say it once",
      });
    }
    wanted.forEach((arrow) => seen.set(arrowText(arrow), index));
  });
}

interface End {
  readonly name: string;
  readonly path: string;
  /** Whether a cluster of another stack will do. */
  readonly orPeer: boolean;
}

/** A link starts in this stack: one that starts at a peer is its own stack's to declare. */
function endsOf({ from, to, between = [] }: DraftLink, path: string, own: readonly string[], peers: boolean): End[] {
  const ends: End[] = between
    .filter((name) => typeof name === "string")
    .map((name, index) => ({
      name,
      path: `${path}.between[${String(index)}]`,
      orPeer: peers && between.some((other) => own.includes(other)),
    }));
  if (from !== undefined) {
    ends.push({ name: from, path: `${path}.from`, orPeer: false });
  }
  if (to !== undefined) {
    ends.push({ name: to, path: `${path}.to`, orPeer: peers });
  }
  return ends;
}

function checkEnds(ends: readonly End[], own: readonly string[], peers: boolean, faults: Faults): void {
  for (const { name, path, orPeer } of ends) {
    if (!own.includes(name) && !orPeer) {
      faults.add({
        path,
        value: name,
        problem: "is no cluster of this stack",
        remedy:
          `did you mean ${closest(name, [...own])}? ` +
          (peers
            ? "A link that starts at a peer is declared in the peer's own stack"
            : "For a cluster of another stack, name that stack in peerStacks"),
      });
    }
  }
}

function oneWay({ from, to, between }: DraftLink): readonly Link[] {
  if (from !== undefined && to !== undefined) {
    return directions({ from, to });
  }
  return between?.length === 2 && between.every((name) => typeof name === "string") ? directions({ between }) : [];
}

function arrowText({ from, to }: Link): string {
  return `${from} → ${to}`;
}
