import * as pulumi from "@pulumi/pulumi";
import { planLinks, PreconditionError, type Settings, warn } from "../../settings/index";
import {
  type PeerOutputs,
  peerOutputs,
  remoteAccessIn,
  type ToldCluster,
  withoutClusters,
} from "../../stacks/peer-outputs/index";
import { ownName } from "../../stacks/engine";
import type { Neighbour } from "../../components/clusters/index";
import type { Kept } from "../../components/trust/index";
import type { Peer } from "../../components/peering/peer";
import { type AgreeingStack, conflicts, disagreements, wayToAgree } from "./peer-agreement";
import { type PeerRoot, type RootDisagreement, ownRoots, rootDisagreement } from "./root-agreement";
import { checkStandingLinks } from "./standing-links";

/** What the stacks named in `peerStacks` have to offer. */
export interface PeerStacks {
  /** Their clusters. */
  readonly peers: readonly Peer[];
  /** Those of them, linked to or not yet, that kind has made. They may stand on another machine. */
  readonly neighbours: readonly Neighbour[];
  /**
   * Who can't be peered with yet: a stack without clusters by its full name, a cluster without address as
   * `<stack>/<cluster>`, and by its own name a cluster that links lead to and no stack has.
   */
  readonly missing: readonly string[];
  /** Secret: kubeconfigs of readers, by cluster (community distribution). */
  readonly remoteAccess: ReadonlyMap<string, pulumi.Output<string>>;
  /** Names of the clusters that each stack has told of, by its full name; none of one that is missing. */
  readonly clusters: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads the outputs of the peer stacks. A stack that was never deployed is missing, no error: of two stacks that need each
 * other, one has to come first.
 *
 * @param kept Certificates that somebody else keeps, where that is so.
 * @throws PreconditionError when a stack can't be peered with (another network, trust domain or root, overlapping subnets, a name
 * twice), or when a peer is missing and `requirePeers` is set.
 */
export async function readPeerStacks(settings: Settings, kept: Kept = { certificates: [] }): Promise<PeerStacks> {
  const stacks = await Promise.all(settings.peerStacks.map((name) => readStack(name, settings)));
  const roots = await compareRoots(settings, kept, stacks);
  const faults = [
    ...stacks.flatMap(({ name, clusters, otherDistribution }) => [
      ...disagreements(settings, name, clusters),
      ...(otherDistribution
        ? [`${name} has the other distribution: set the same one in both, they link in different ways.`]
        : []),
    ]),
    ...conflicts(stacks),
    ...roots.flatMap(({ stale, message }) => (stale ? [] : [message])),
  ];
  if (faults.length > 0) {
    const list = faults.map((fault) => `  - ${fault}`);
    const way = wayToAgree(settings, stacks);
    throw new PreconditionError(
      ["Stacks that can't share a mesh:", ...list, way ?? []].flat().join("\n"),
      way === undefined
        ? "docs/several-stacks.md#what-stacks-have-to-agree-on"
        : "docs/day-2.md#another-network-trust-domain-or-distribution",
    );
  }
  await checkStandingLinks(settings, stacks);
  roots.forEach(({ message }) => {
    warn(message);
  });
  const peers = stacks.flatMap(({ clusters, unready }) => clusters.filter(({ name }) => !unready.includes(name)));
  return {
    peers,
    neighbours: stacks.flatMap(({ clusters }) => clusters.flatMap(neighbour)),
    missing: reportMissing(stacks, peers, settings),
    remoteAccess: new Map(
      stacks.flatMap(({ remoteAccess }) =>
        [...remoteAccess].map(([name, text]) => [name, pulumi.secret(text)] as const),
      ),
    ),
    clusters: Object.fromEntries(stacks.map(({ name, clusters }) => [name, clusters.map((cluster) => cluster.name)])),
  };
}

function neighbour({ name, kind, podSubnet, serviceSubnet }: ToldCluster): Neighbour[] {
  return kind !== undefined && podSubnet !== undefined && serviceSubnet !== undefined
    ? [{ name, ...kind, podSubnet, serviceSubnet }]
    : [];
}

async function compareRoots(settings: Settings, kept: Kept, stacks: readonly PeerStack[]): Promise<RootDisagreement[]> {
  if (stacks.every(({ roots }) => roots === undefined)) {
    return [];
  }
  const own = await ownRoots(settings, kept);
  const keeper = settings.root.source === "stack" ? settings.root.stack : ownName();
  return stacks.flatMap((stack) => rootDisagreement(own, keeper, stack) ?? []);
}

/** Tells of the peers that are missing. Returns their names. */
function reportMissing(stacks: readonly PeerStack[], peers: readonly Peer[], settings: Settings): string[] {
  const empty = stacks.filter(({ clusters, unready }) => clusters.length === unready.length).map(({ name }) => name);
  const unready = stacks.flatMap((stack) =>
    empty.includes(stack.name) ? [] : stack.unready.map((cluster) => `${stack.name}/${cluster}`),
  );
  const bare = stacks.filter((stack) => stack.withoutClusters).map(({ name }) => name);
  const yetToCome = empty.filter((name) => !bare.includes(name));
  // A link may lead to a cluster of a stack that tells nothing of itself yet.
  const unknown = empty.length > 0 ? [] : unknownTargets(stacks, settings);
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
  if (settings.requirePeers && messages.length > 0) {
    throw new PreconditionError(
      `requirePeers: ${messages.join("\n")}`,
      "docs/several-stacks.md#peers-that-are-missing",
    );
  }
  messages.forEach((message) => {
    warn(message);
  });
  return [...empty, ...unready, ...unknown];
}

function unknownTargets(stacks: readonly PeerStack[], { clusters, links }: Settings): string[] {
  const own = clusters.map(({ name }) => name);
  const known = [...own, ...stacks.flatMap((stack) => stack.clusters.map(({ name }) => name))];
  const targets = planLinks(links, own, []).map(({ to }) => to);
  return [...new Set(targets)].filter((name) => !known.includes(name));
}

interface PeerStack extends AgreeingStack, PeerRoot {
  readonly name: string;
  /** Whether there is such a stack, and whoever runs this may see it. */
  readonly seen: boolean;
  readonly clusters: readonly (ToldCluster & Peer)[];
  /** Whether it stands and has no cluster at all, such as one that keeps the root. */
  readonly withoutClusters: boolean;
  /** Names of those clusters that have nothing to link to yet. */
  readonly unready: readonly string[];
  readonly remoteAccess: ReadonlyMap<string, string>;
}

async function readStack(name: string, settings: Settings): Promise<PeerStack> {
  const told = await peerOutputs(name, "peerStacks");
  const nothing = { name, clusters: [], withoutClusters: false, unready: [], otherDistribution: false };
  return told === undefined
    ? { ...nothing, seen: false, remoteAccess: new Map() }
    : { ...nothing, seen: true, ...stackOf(told, settings) };
}

function stackOf(told: PeerOutputs, { distribution }: Settings) {
  const { clusters = [], roots, rootStack } = told;
  const access = remoteAccessIn(told, "peerStacks", distribution === "community");
  const withAddress = clusters.flatMap(({ name, address }) => (address ? [name] : []));
  const [offered, others] = distribution === "solo" ? [withAddress, access.offered] : [access.offered, withAddress];
  const theirs = told.distribution ?? (offered.length === 0 && others.length > 0 ? "another" : distribution);
  return {
    clusters: clusters.map((cluster) => ({
      ...cluster,
      ...(cluster.address?.port !== undefined && { nodePort: cluster.address.port }),
    })),
    withoutClusters: withoutClusters(told),
    // A cluster that its stack has not finished yet offers nothing to link to.
    unready: clusters.flatMap(({ name }) => (offered.includes(name) ? [] : [name])),
    otherDistribution: clusters.length > 0 && theirs !== distribution,
    ...(roots && { roots }),
    ...(rootStack !== undefined && { rootStack }),
    remoteAccess: access.kubeconfigs,
  };
}
