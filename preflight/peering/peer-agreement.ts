import { type Settings, overlap, parseSubnet } from "../../settings";
import type { Peer } from "../../components/peering";

/** A cluster of another stack, with what two stacks of one mesh have to agree on. Subnets are CIDRs. */
export interface PeerCluster extends Peer {
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
}

/**
 * Why the clusters of another stack can't share a mesh with those of this one: a sentence a reason, none when they can.
 */
export function disagreements(settings: Settings, stack: string, clusters: readonly PeerCluster[]): string[] {
  return clusters.flatMap((cluster) => [
    ...differs("network", `${stack}: cluster ${cluster.name}`, cluster.network, settings.network),
    ...differs("trustDomain", `${stack}: cluster ${cluster.name}`, cluster.trustDomain, settings.trustDomain),
    ...sameName(settings, stack, cluster),
    ...overlaps(settings, stack, cluster),
  ]);
}

/** Why the clusters of several other stacks can't share a mesh with one another, as this stack would have them do. */
export function conflicts(stacks: readonly NamedClusters[]): string[] {
  return stacks.flatMap((one, index) =>
    stacks
      .slice(index + 1)
      .flatMap((other) =>
        one.clusters.flatMap((cluster) =>
          other.clusters.flatMap((another) =>
            cluster.name === another.name
              ? [
                  `${one.name} and ${other.name} both have a cluster ${cluster.name}: rename one, names are unique in a mesh.`,
                ]
              : overlapping(cluster, another).map(
                  ([[key, subnet], [otherKey, otherSubnet]]) =>
                    `${one.name}: cluster ${cluster.name} has ${key} ${subnet}, which overlaps ${otherKey} ${otherSubnet} of ` +
                    `${another.name} of ${other.name}: give one of them a free subnet (or one of the stacks another ` +
                    "addressPool).",
                ),
          ),
        ),
      ),
  );
}

/** Another stack and its clusters. */
export interface NamedClusters {
  /** Full name. */
  readonly name: string;
  readonly clusters: readonly PeerCluster[];
}

function differs(key: string, where: string, other: string, own: string): string[] {
  return other === own ? [] : [`${where} has ${key} ${other}, this stack ${own}: set the same one in both.`];
}

/**
 * The way to a new value in stacks that are linked already, which each refuse because of what the other was last deployed
 * with; undefined where all have what this stack's settings say.
 */
export function agreementRemedy(
  { network, trustDomain }: Settings,
  stacks: readonly AgreeingStack[],
): string | undefined {
  const agree = ({ clusters, otherDistribution }: AgreeingStack) =>
    !otherDistribution &&
    clusters.every((cluster) => cluster.network === network && cluster.trustDomain === trustDomain);
  const others = stacks.filter((stack) => !agree(stack)).map(({ name }) => name);
  return others.length === 0
    ? undefined
    : "What counts of another stack is what it was last deployed with, not its settings of today. To give stacks that are " +
        `linked a new value: take ${others.join(", ")} out of peerStacks here, and this stack out of theirs, and run pulumi ` +
        "up on each with the new value; then put them back, and run pulumi up on each once more.";
}

/** Another stack, with what its mesh has in common with this stack's, or not. */
export interface AgreeingStack extends NamedClusters {
  /** Whether it links in the way of the distribution that this stack has not. */
  readonly otherDistribution: boolean;
}

function sameName(settings: Settings, stack: string, { name }: PeerCluster): string[] {
  return settings.clusters.some((own) => own.name === name)
    ? [`${stack} has a cluster ${name}, and so has this stack: rename one, names are unique in a mesh.`]
    : [];
}

function overlaps(settings: Settings, stack: string, peer: PeerCluster): string[] {
  return settings.clusters.flatMap((own) =>
    overlapping(own, peer).map(
      ([[ownKey, ownSubnet], [peerKey, subnet]]) =>
        `${stack}: cluster ${peer.name} has ${peerKey} ${subnet}, which overlaps ${ownKey} ${ownSubnet} of ` +
        `${own.name} here: give one of them a free subnet (or one of the stacks another addressPool).`,
    ),
  );
}

type Subnets = Pick<PeerCluster, "podSubnet" | "serviceSubnet">;
/** A subnet with the key that gives it. */
type KeyedSubnet = readonly [key: string, subnet: string];

function overlapping(one: Subnets, other: Subnets): [KeyedSubnet, KeyedSubnet][] {
  return subnets(one).flatMap((first) =>
    subnets(other).flatMap((second): [KeyedSubnet, KeyedSubnet][] =>
      overlap(parseSubnet(first[1]), parseSubnet(second[1])) ? [[first, second]] : [],
    ),
  );
}

function subnets({ podSubnet, serviceSubnet }: Subnets): KeyedSubnet[] {
  return Object.entries({ podSubnet, serviceSubnet }).flatMap(([key, subnet]) =>
    subnet === undefined ? [] : [[key, subnet]],
  );
}
