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

/** What the stacks named in `peerStacks` have to offer. */
export interface PeerStacks {
  /** Their clusters; those that can't be seen, and that links lead to, as the state has those links. */
  readonly peers: readonly Peer[];
  /** Those of them, linked to or not yet, that kind has made. They may stand on another machine. */
  readonly neighbours: readonly Neighbour[];
  /** Whether clusters are missing among them that can't be seen: routes to those stay as they are. */
  readonly neighboursUnseen: boolean;
  /**
   * Who can't be peered with yet: a stack without clusters by its full name, a cluster without address as
   * `<stack>/<cluster>`, and by its own name a cluster that links lead to and no stack has.
   */
  readonly missing: readonly string[];
  /** Kubeconfigs of readers, in the clear, by cluster (community distribution). */
  readonly remoteAccess: Readonly<Record<string, string>>;
  /** Names of the clusters that each stack has told of, by its full name; none of one that is missing. */
  readonly clusters: Readonly<Record<string, readonly string[]>>;
}

export interface PeerStacksArgs {
  readonly settings: Settings;
  readonly clusters: readonly PlannedCluster[];
  readonly own: OwnStack;
  /** What each stack of `peerStacks` says of itself, by its full name. */
  readonly outputs: ReadonlyMap<string, Datum<PeerOutputs>>;
  readonly roots: OwnRoots;
  readonly run: Run;
}

/**
 * What comes of the outputs of peer stacks. A stack that was never deployed is missing, no error: of two stacks that need each
 * other, one has to come first. One that links lead to, and that can't be seen, is not taken for one that is gone.
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

/** What is to be said of stacks that can't be seen: the backend does not tell whether there is one that one may not read. */
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
    ...(hidden.length === 0 ? [] : [`there is no stack ${hidden.join(", ")}, or none that whoever runs this may read`]),
  ];
  const consequence =
    run === "update" ? "Nothing was changed." : "This plan leaves those links as they are; pulumi up would be refused.";
  return withoutDatum(
    "linkedPeerStack",
    run,
    `peerStacks: ${reasons.join("; ")}, and links to clusters of such a stack stand (${lost.join(", ")}). Correct the name, log in ` +
      "to the backend that has the stack, or have the right to read it. If the stack is gone for good, take it out of " +
      `peerStacks: that takes the links away. ${consequence}`,
    unseenSection,
  );
}

/** A cluster that can't be seen, behind links that stay as the state has them. */
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

/** Who is missing, and what is to be said of it. */
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
  const bare = stacks.filter((stack) => stack.withoutClusters).map(({ name }) => name);
  const yetToCome = empty.filter((name) => !bare.includes(name));
  // A link may lead to a cluster of a stack that tells nothing of itself yet.
  const unknown = empty.length > 0 || lost.length > 0 ? [] : unknownTargets(stacks, settings);
  const again =
    "Run pulumi up on them, and then on this stack again, which links what is there by then." +
    (settings.distribution === "community"
      ? " A stack lets others read its clusters where its own peerStacks names one."
      : "");
  const messages = [
    ...(yetToCome.length > 0
      ? [`These peer stacks have no clusters to peer with yet: ${yetToCome.join(", ")}. ${again}`]
      : []),
    ...(bare.length > 0
      ? [
          `These peer stacks were deployed without a cluster: ${bare.join(", ")}. Take them out of peerStacks, where they are not ` +
            "to get any: a root is taken from its stack by root: {stack}.",
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
  /** Why the backend could not tell; absent where it says that there is no such stack. */
  readonly reason?: string;
  readonly clusters: readonly (MeshPeerCluster & Peer)[];
  /** Whether it stands and has no cluster at all, such as one that keeps the root. */
  readonly withoutClusters: boolean;
  /** Names of those clusters that have nothing to link to yet. */
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
    // A cluster that its stack has not finished yet offers nothing to link to.
    unready: clusters.flatMap(({ name }) => (offered.includes(name) ? [] : [name])),
    otherDistribution: clusters.length > 0 && otherDistribution !== distribution,
    roots,
    rootStack,
    remoteAccess: access.kubeconfigs,
  };
}
