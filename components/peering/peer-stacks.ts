import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { isCertificate } from "../../observe";
import { planLinks, Refusal, type Settings, warn } from "../../settings";
import { outputsOf, ownName } from "../stacks";
import type { Neighbour } from "../clusters";
import { type Kept, type Roots, rootsIn } from "../trust";
import type { Peer } from "./peer";
import { type AgreeingStack, type PeerCluster, conflicts, disagreements, wayToAgree } from "./peer-agreement";
import { type RootDisagreement, ownRoots, rootDisagreement } from "./root-agreement";

/** What a stack needs to have of its outputs; a stack that was never deployed has none of them. */
const Outputs = z.object({
  clusters: z
    .record(
      z.string(),
      z.object({
        context: z.string().optional(),
        podSubnet: z.string().optional(),
        serviceSubnet: z.string().optional(),
        network: z.string(),
        trustDomain: z.string(),
        region: z.string().optional(),
        zone: z.string().optional(),
      }),
    )
    .optional(),
  eastWestAddresses: z
    .record(
      z.string(),
      z.object({ type: z.enum(["IPAddress", "Hostname"]), value: z.string(), port: z.int().optional() }),
    )
    .default({}),
  rootCertificate: z.string().refine(isCertificate).optional(),
  rootStack: z.string().optional(),
  remoteAccess: z.record(z.string(), z.string()).default({}),
});

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
}

/**
 * Reads the outputs of the peer stacks. A stack that was never deployed is missing, no error: of two stacks that need each
 * other, one has to come first.
 *
 * @param kept Certificates that somebody else keeps, where that is so.
 * @throws Refusal when a stack can't be peered with (another network, trust domain or root, overlapping subnets, a name
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
    throw new Refusal(
      ["Stacks that can't share a mesh:", ...list, wayToAgree(settings, stacks) ?? []].flat().join("\n"),
    );
  }
  roots.forEach(({ message }) => {
    warn(message);
  });
  const peers = stacks.flatMap(({ clusters, unready }) => clusters.filter(({ name }) => !unready.includes(name)));
  return {
    peers,
    neighbours: stacks.flatMap(({ name, clusters }) => clusters.flatMap((cluster) => neighbour(name, cluster))),
    missing: reportMissing(stacks, peers, settings),
    remoteAccess: new Map(stacks.flatMap(({ remoteAccess }) => remoteAccess)),
  };
}

/** A cluster that kind has made is told by its context. */
function neighbour(stack: string, { name, context, podSubnet, serviceSubnet }: PeerCluster): Neighbour[] {
  const machineName = /^kind-(.+)$/.exec(context ?? "")?.[1];
  const owner = stack.split("/").slice(1).join("/");
  return machineName !== undefined && podSubnet !== undefined && serviceSubnet !== undefined
    ? [{ name, machineName, owner, podSubnet, serviceSubnet }]
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
  const again = "Run pulumi up on them, and then on this stack again, which links what is there by then.";
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
    throw new Refusal(`requirePeers: ${messages.join("\n")}`);
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

interface PeerStack extends AgreeingStack {
  /** Whether it stands and has no cluster at all, such as one that keeps the root. */
  readonly withoutClusters: boolean;
  /** Names of those clusters that have nothing to link to yet. */
  readonly unready: readonly string[];
  readonly roots?: Roots;
  readonly rootStack?: string;
  readonly remoteAccess: readonly (readonly [string, pulumi.Output<string>])[];
}

async function readStack(name: string, settings: Settings): Promise<PeerStack> {
  const outputs = await outputsOf(name, "peerStacks");
  if (outputs === undefined) {
    return { name, clusters: [], withoutClusters: false, unready: [], otherDistribution: false, remoteAccess: [] };
  }
  const read = Outputs.safeParse(outputs);
  // One that was destroyed, or has failed early, has no outputs at all.
  if (!read.success || (read.data.clusters === undefined && Object.keys(outputs).length > 0)) {
    throw new Refusal(
      `peerStacks: the outputs of ${name} are not those of a flatmesh stack. Correct the name, or run pulumi up on it ` +
        "with this version of the program.",
    );
  }
  const { clusters = {}, eastWestAddresses, rootStack, remoteAccess } = read.data;
  const roots = rootsIn(outputs);
  const [offered, others] =
    settings.distribution === "solo" ? [eastWestAddresses, remoteAccess] : [remoteAccess, eastWestAddresses];
  return {
    name,
    clusters: Object.entries(clusters).map(([cluster, { region, zone, ...rest }]): PeerCluster => {
      const address = eastWestAddresses[cluster];
      const labels = { ...(region !== undefined && { region }), ...(zone !== undefined && { zone }) };
      return {
        name: cluster,
        ...rest,
        ...labels,
        ...(address && { address, ...(address.port !== undefined && { nodePort: address.port }) }),
      };
    }),
    withoutClusters: read.data.clusters !== undefined && Object.keys(clusters).length === 0,
    // A cluster that its stack has not finished yet offers nothing to link to.
    unready: Object.keys(clusters).filter((cluster) => !(cluster in offered)),
    otherDistribution: Object.keys(offered).length === 0 && Object.keys(others).length > 0,
    ...(roots && { roots }),
    ...(rootStack !== undefined && { rootStack }),
    remoteAccess: Object.entries(remoteAccess).map(([cluster, kubeconfig]) => [cluster, pulumi.secret(kubeconfig)]),
  };
}
