import { type Settings, overlap, parseSubnet } from "../../settings";
import type { Peer } from "./peer";

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

function differs(key: string, where: string, theirs: string, ours: string): string[] {
  return theirs === ours ? [] : [`${where} has ${key} ${theirs}, this stack ${ours}: set the same one in both.`];
}

function sameName(settings: Settings, stack: string, { name }: PeerCluster): string[] {
  return settings.clusters.some((own) => own.name === name)
    ? [`${stack} has a cluster ${name}, and so has this stack: rename one, names are unique in a mesh.`]
    : [];
}

function overlaps(settings: Settings, stack: string, theirs: PeerCluster): string[] {
  return settings.clusters.flatMap((own) =>
    subnets(own).flatMap(([ourKey, ours]) =>
      subnets(theirs)
        .filter(([, subnet]) => overlap(parseSubnet(ours), parseSubnet(subnet)))
        .map(
          ([theirKey, subnet]) =>
            `${stack}: cluster ${theirs.name} has ${theirKey} ${subnet}, which overlaps ${ourKey} ${ours} of ` +
            `${own.name} here: give one of them a free subnet (or one of the stacks another addressPool).`,
        ),
    ),
  );
}

function subnets({ podSubnet, serviceSubnet }: Pick<PeerCluster, "podSubnet" | "serviceSubnet">): [string, string][] {
  return Object.entries({ podSubnet, serviceSubnet }).flatMap(([key, subnet]) =>
    subnet === undefined ? [] : [[key, subnet]],
  );
}
