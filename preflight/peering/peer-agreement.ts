import { type Settings, overlap, parseSubnet } from "../../settings";
import type { Peer } from "../../components/peering";

/** A cluster of another stack, with what stacks of one mesh have to agree on. Subnets are CIDRs. */
export interface PeerCluster extends Peer {
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
}

/**
 * Why the clusters of another stack can't share a mesh with this one's: a sentence for each reason.
 */
export function disagreements(settings: Settings, stack: string, clusters: readonly PeerCluster[]): string[] {
  return clusters.flatMap((cluster) => [
    ...differs("network", `${stack}: cluster ${cluster.name}`, cluster.network, settings.network),
    ...differs("trustDomain", `${stack}: cluster ${cluster.name}`, cluster.trustDomain, settings.trustDomain),
    ...sameName(settings, stack, cluster),
    ...overlaps(settings, stack, cluster),
  ]);
}

/** Why the clusters of other stacks can't share a mesh with one another. */
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
 * How to change a value in stacks that are linked already, each of which refuses it because of what the other was last deployed
 * with; undefined if all have this stack's values.
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
    : "Another stack counts as it was last deployed, not as its settings are now. To give linked stacks a new " +
        `value: take ${others.join(", ")} out of peerStacks here, and this stack out of theirs, and run pulumi ` +
        "up on each with the new value; then put them back, and run pulumi up on each once more.";
}

/** Another stack, with whether its distribution agrees with this stack's. */
export interface AgreeingStack extends NamedClusters {
  /** Whether it has the other distribution. */
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
