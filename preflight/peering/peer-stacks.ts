import type { Neighbour } from "../../components/clusters";
import type { Peer } from "../../components/peering";
import type { DocsSection } from "../../diagnostics";
import { planLinks, type Settings } from "../../settings";
import type { PlannedCluster } from "../cluster-plan";
import type { Datum } from "../datum";
import type { OwnStack } from "../engine";
import { failure, type Judged, type Problem, warning } from "../problems";
import { type Run, withoutDatum } from "../unavailable";
import { type PeerOutputs, remoteAccessIn, type MeshPeerCluster, withoutClusters } from "../../stacks/peer-outputs";
import { type AgreeingStack, conflicts, disagreements, agreementRemedy } from "./peer-agreement";
import { type OwnRoots, type PeerRoot, rootDisagreement } from "./root-agreement";
import { lostTargets } from "./standing-links";

/** What the stacks of `peerStacks` offer. */
export interface PeerStacks {
  /** Their clusters; linked ones that can't be seen are as the state has them. */
  readonly peers: readonly Peer[];
  /** Their kind clusters, linked or not. They may be on another machine. */
  readonly neighbours: readonly Neighbour[];
  /** Whether some neighbours can't be seen: routes to those stay as they are. */
  readonly neighboursUnseen: boolean;
  /**
   * Peers that can't be linked to yet: a stack without clusters by its full name, a cluster without address as
   * `<stack>/<cluster>`, and a cluster that links name and no stack has by its own name.
   */
  readonly missing: readonly string[];
  /** Kubeconfigs of readers, in the clear, by cluster (community distribution). */
  readonly remoteAccess: Readonly<Record<string, string>>;
  /** Names of each stack's clusters, by the stack's full name; empty for a missing stack. */
  readonly clusters: Readonly<Record<string, readonly string[]>>;
}

export interface PeerStacksArgs {
  readonly settings: Settings;
  readonly clusters: readonly PlannedCluster[];
  readonly own: OwnStack;
  /** The outputs of each stack of `peerStacks`, by its full name. */
  readonly outputs: ReadonlyMap<string, Datum<PeerOutputs>>;
  readonly roots: OwnRoots;
  readonly run: Run;
}

/**
 * Judges the outputs of peer stacks. A stack that was never deployed is missing, which is not an error: of two stacks that need each
 * other, one has to come first. A linked stack that can't be seen is not taken to be gone.
 */
export function judgePeerStacks(args: PeerStacksArgs): Judged<PeerStacks> {
  const { settings, own, run } = args;
  const stacks = [...args.outputs].map(([name, datum]) => readStack(name, datum, settings));
  const keeper = settings.root.source === "stack" ? settings.root.stack : own.name;
  const roots = stacks.flatMap((stack) => rootDisagreement(args.roots, keeper, stack) ?? []);
  const agreement = disagreementProblems(settings, stacks, [
    ...conflicts(stacks),
    ...roots.flatMap(({ stale, message }) => (stale ? [] : [message])),
  ]);
  const peers = stacks.flatMap(({ clusters, unready }) => clusters.filter(({ name }) => !unready.includes(name)));
  const lost = lostTargets(args.clusters, settings.links, stacks, own);
  const unseen = unseenProblems(stacks, lost, run);
  const { missing, problems } = missingPeers(stacks, peers, lost, settings);
  return {
    value: {
      peers: [...peers, ...lost.map((name) => recordedPeer(name, settings))],
      neighbours: stacks.flatMap(({ clusters }) => clusters.flatMap(neighbour)),
      neighboursUnseen: lost.length > 0,
      missing,
      remoteAccess: Object.fromEntries(stacks.flatMap(({ remoteAccess }) => [...remoteAccess])),
      clusters: Object.fromEntries(stacks.map((stack) => [stack.name, clustersOf(stack, own, lost)])),
    },
    problems: [
      ...agreement,
      ...unseen,
      ...(agreement.length > 0 ? [] : roots.map(({ message }) => warning(message))),
      ...(agreement.length > 0 ? [] : problems),
    ],
  };
}

function disagreementProblems(settings: Settings, stacks: readonly PeerStack[], more: readonly string[]): Problem[] {
  const reasons = [
    ...stacks.flatMap(({ name, clusters, otherDistribution }) => [
      ...disagreements(settings, name, clusters),
      ...(otherDistribution
        ? [`${name} has the other distribution: set the same one in both, they link in different ways.`]
        : []),
    ]),
    ...more,
  ];
  if (reasons.length === 0) {
    return [];
  }
  const remedy = agreementRemedy(settings, stacks);
  return [
    failure(
      ["Stacks that can't share a mesh:", ...reasons.map((reason) => `  - ${reason}`), remedy ?? []].flat().join("\n"),
      remedy === undefined
        ? "docs/several-stacks.md#what-stacks-have-to-agree-on"
        : "docs/day-2.md#another-network-trust-domain-or-distribution",
    ),
  ];
}

const unseenSection: DocsSection = "docs/several-stacks.md#a-peer-that-cannot-be-seen";

/** Problems of stacks that can't be seen. The backend does not distinguish a missing stack from one that may not be read. */
function unseenProblems(stacks: readonly PeerStack[], lost: readonly string[], run: Run): readonly Problem[] {
  const unreadable = stacks.flatMap(({ name, reason }) =>
    reason === undefined ? [] : [`the outputs of stack ${name} can't be read: ${reason}`],
  );
  const hidden = stacks.flatMap(({ name, seen, reason }) => (seen || reason !== undefined ? [] : [name]));
  if (lost.length === 0) {
    return unreadable.length === 0
      ? []
      : withoutDatum("unlinkedPeerStack", run, `peerStacks: ${unreadable.join("; ")}`, unseenSection);
  }
  const reasons = [
    ...unreadable,
    ...(hidden.length === 0 ? [] : [`there is no stack ${hidden.join(", ")}, or whoever runs this may not read it`]),
  ];
  const consequence =
    run === "update" ? "Nothing was changed." : "This plan leaves those links as they are; pulumi up would be refused.";
  return withoutDatum(
    "linkedPeerStack",
    run,
    `peerStacks: ${reasons.join("; ")}, and links to clusters of such a stack exist (${lost.join(", ")}). Correct the name, log in ` +
      "to the backend that has the stack, or get the right to read it. If the stack is gone for good, take it out of " +
      `peerStacks: that takes the links away. ${consequence}`,
    unseenSection,
  );
}

/** A cluster that can't be seen, whose links stay as the state has them. */
function recordedPeer(name: string, { network, trustDomain }: Settings): Peer {
  return { name, network, trustDomain, asRecorded: true };
}

function clustersOf({ name, seen, clusters }: PeerStack, own: OwnStack, lost: readonly string[]): readonly string[] {
  const before = own.outputs.peers?.[name] ?? [];
  return seen || lost.length === 0 ? clusters.map((cluster) => cluster.name) : before;
}

function neighbour({ name, kind, podSubnet, serviceSubnet }: MeshPeerCluster): Neighbour[] {
  return kind !== undefined && podSubnet !== undefined && serviceSubnet !== undefined
    ? [{ name, ...kind, podSubnet, serviceSubnet }]
    : [];
}

interface Missing {
  readonly missing: readonly string[];
  readonly problems: readonly Problem[];
}

/** Which peers are missing, and the problems to report. */
function missingPeers(
  stacks: readonly PeerStack[],
  peers: readonly Peer[],
  lost: readonly string[],
  settings: Settings,
): Missing {
  const empty = stacks
    .filter(({ clusters, unready, seen }) => clusters.length === unready.length && (seen || lost.length === 0))
    .map(({ name }) => name);
  const unready = stacks.flatMap((stack) =>
    empty.includes(stack.name) ? [] : stack.unready.map((cluster) => `${stack.name}/${cluster}`),
  );
  const withoutAny = stacks.filter((stack) => stack.withoutClusters).map(({ name }) => name);
  const yetToCome = empty.filter((name) => !withoutAny.includes(name));
  // Links may name clusters of a stack that has no outputs yet.
  const unknown = empty.length > 0 || lost.length > 0 ? [] : unknownTargets(stacks, settings);
  const again =
    "Run pulumi up on them, and then on this stack again, which then links what exists." +
    (settings.distribution === "community"
      ? " A stack lets others read its clusters if its own peerStacks names one."
      : "");
  const messages = [
    ...(yetToCome.length > 0
      ? [`These peer stacks have no clusters to peer with yet: ${yetToCome.join(", ")}. ${again}`]
      : []),
    ...(withoutAny.length > 0
      ? [
          `These peer stacks were deployed without a cluster: ${withoutAny.join(", ")}. Take them out of peerStacks if they are not ` +
            "meant to get any: to use a stack's root, write root: {stack}.",
        ]
      : []),
    ...(unready.length > 0
      ? [
          `These clusters of peer stacks can't be linked to yet, since they have no address: ${unready.join(", ")}. ${again}`,
        ]
      : []),
    ...(unknown.length > 0
      ? [
          `Links lead to clusters that no stack of peerStacks has: ${unknown.join(", ")}. Correct links (there are: ` +
            `${peers.map(({ name }) => name).join(", ")}), or name the stack that has them in peerStacks.`,
        ]
      : []),
  ];
  const required = settings.requirePeers && messages.length > 0;
  return {
    missing: [...empty, ...unready, ...unknown],
    problems: required
      ? [failure(`requirePeers: ${messages.join("\n")}`, "docs/several-stacks.md#peers-that-are-missing")]
      : messages.map(warning),
  };
}

function unknownTargets(stacks: readonly PeerStack[], { clusters, links }: Settings): string[] {
  const own = clusters.map(({ name }) => name);
  const known = [...own, ...stacks.flatMap((stack) => stack.clusters.map(({ name }) => name))];
  const targets = planLinks(links, own, []).map(({ to }) => to);
  return [...new Set(targets)].filter((name) => !known.includes(name));
}

interface PeerStack extends AgreeingStack, PeerRoot {
  readonly name: string;
  /** Whether its outputs could be read. */
  readonly seen: boolean;
  /** Why the backend could not be read; absent if it has no such stack. */
  readonly reason?: string;
  readonly clusters: readonly (MeshPeerCluster & Peer)[];
  /** Whether it is deployed without clusters, such as one that only keeps the root. */
  readonly withoutClusters: boolean;
  /** Names of the clusters that can't be linked to yet. */
  readonly unready: readonly string[];
  readonly remoteAccess: ReadonlyMap<string, string>;
}

function readStack(name: string, outputs: Datum<PeerOutputs>, settings: Settings): PeerStack {
  const nothing = { name, clusters: [], withoutClusters: false, unready: [], otherDistribution: false };
  switch (outputs.status) {
    case "known":
      return { ...nothing, seen: true, ...stackOf(outputs.value, settings) };
    case "absent":
      return { ...nothing, seen: false, remoteAccess: new Map() };
    case "unavailable":
      return { ...nothing, seen: false, reason: outputs.reason, remoteAccess: new Map() };
  }
}

function stackOf(peer: PeerOutputs, { distribution }: Settings) {
  const { clusters = [], roots, rootStack } = peer;
  const access = remoteAccessIn(peer, "peerStacks", distribution === "community");
  const withAddress = clusters.flatMap(({ name, address }) => (address ? [name] : []));
  const [offered, others] = distribution === "solo" ? [withAddress, access.offered] : [access.offered, withAddress];
  const otherDistribution = peer.distribution ?? (offered.length === 0 && others.length > 0 ? "another" : distribution);
  return {
    clusters: clusters.map((cluster) => ({ ...cluster, nodePort: cluster.address?.port })),
    withoutClusters: withoutClusters(peer),
    // A cluster that its stack has not finished yet can't be linked to.
    unready: clusters.flatMap(({ name }) => (offered.includes(name) ? [] : [name])),
    otherDistribution: clusters.length > 0 && otherDistribution !== distribution,
    roots,
    rootStack,
    remoteAccess: access.kubeconfigs,
  };
}
