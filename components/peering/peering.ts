import * as pulumi from "@pulumi/pulumi";
import { ownValues } from "../../chart-values";
import { type EastWestGatewaySettings, type Link, planLinks, type Settings } from "../../settings";
import { type Cluster, inside, targetCluster } from "../clusters";
import type { ReleaseRegistry } from "../helm";
import { type AmbientMesh, chartOf } from "../mesh";
import { EastWestGateway } from "./east-west-gateway";
import type { EastWestAddress, KnownAddress } from "./gateway";
import { type Peer, PeerGateway, PeeringChart, peeringRelease } from "./peer-links";
import { RemoteAccess, RemoteSecret } from "./remote-access";
import { generationsOf, type KnownToken } from "./token-renewal";

export interface PeeringArgs {
  readonly settings: Settings;
  /** This stack's clusters, with the mesh in each. */
  readonly meshes: readonly { readonly cluster: Cluster; readonly mesh: AmbientMesh }[];
  /** The clusters of other stacks. */
  readonly peers: readonly Peer[];
  /** Kubeconfigs (YAML) of their readers, in the clear, by cluster (community distribution). */
  readonly remoteAccess: Readonly<Record<string, string>>;
  /** Addresses of existing east-west Gateways, by the name prefix of their cluster. */
  readonly eastWestAddresses: Readonly<Record<string, KnownAddress>>;
  /** The readers' tokens that the stack has already. */
  readonly readerTokens: readonly KnownToken[];
  /** How the registry of the charts is asked; absent for everybody's own login. */
  readonly chartRegistry?: ReleaseRegistry;
}

/** A link with the mechanism behind it. */
export interface EstablishedLink extends Link {
  readonly via: "peer Gateway" | "peering chart" | "remote secret";
}

/** Lets services of one cluster call those of another, for every link that starts in this stack. */
export interface Peering {
  readonly links: readonly EstablishedLink[];
  /** By cluster. */
  readonly eastWestAddresses: Readonly<Record<string, pulumi.Output<EastWestAddress>>>;
  /** The namespace of its Gateways in each cluster: what anything inside depends on. */
  readonly namespaces: Readonly<Record<string, readonly pulumi.Resource[]>>;
  /**
   * Secret kubeconfigs for clusters of other stacks, by cluster that they read; absent in the solo distribution, and without peer
   * stacks.
   */
  readonly remoteAccess?: Readonly<Record<string, pulumi.Output<string>>>;
}

/**
 * Peers the clusters of a stack with one another and with those of other stacks, by the distribution's mechanism.
 *
 * @param opts What the links depend on, beside both ends: the network that calls take.
 */
export function createPeering(args: PeeringArgs, opts: LinkOptions = {}): Peering {
  const after = opts.dependsOn ?? [];
  return args.settings.distribution === "solo" ? peerByGateways(args, after) : peerByRemoteSecrets(args, after);
}

interface LinkOptions {
  readonly dependsOn?: readonly pulumi.Resource[];
}

function peerByGateways(
  { settings, meshes, peers: others, eastWestAddresses, chartRegistry }: PeeringArgs,
  after: readonly pulumi.Resource[],
): Peering {
  const { network, imagePullSecrets: pullSecrets } = settings;
  const gateways = meshes.map(({ cluster, mesh }) => {
    const { namePrefix, nodePort } = cluster;
    const knownAddress = eastWestAddresses[namePrefix];
    const infrastructure = infrastructureFor(settings, cluster.name);
    const args = { ...targetCluster(cluster), network, nodePort, infrastructure, knownAddress, pullSecrets };
    return {
      cluster,
      gateway: new EastWestGateway(`${namePrefix}-eastwest`, args, inside(cluster, { dependsOn: [mesh] })),
    };
  });
  const own = gateways.map(({ cluster, gateway }): Peer => {
    const { name, nodePort, region, zone } = cluster;
    return { name, address: gateway.address, ...meshOf(settings), nodePort: nodePort?.port, region, zone };
  });
  const plan = linksFrom(meshes, [...own, ...others], settings);
  for (const { cluster, gateway } of gateways) {
    const { namePrefix } = cluster;
    const peers = plan.get(cluster.name) ?? [];
    const dependsOn = [gateway, ...after];
    const links = linksIn(cluster, dependsOn);
    // The cluster's own Gateway creates the namespace; the peers' addresses, which the links wait for, show that the peers are ready.
    const opts = { parent: links, dependsOn };
    if (settings.linkMethod === "gateways") {
      peers.forEach((peer) => new PeerGateway(`${namePrefix}-peer-${peer.name}`, { peer }, opts));
    } else if (peers.length > 0) {
      const chart = chartOf(settings, "peering");
      const own = ownValues(settings, cluster.name).peering;
      const args = { ...targetCluster(cluster), peers, chart, chartRegistry, ownValues: own };
      new PeeringChart(`${namePrefix}-${peeringRelease}`, args, opts);
    }
  }
  return {
    links: established(plan, settings.linkMethod === "chart" ? "peering chart" : "peer Gateway"),
    eastWestAddresses: Object.fromEntries(gateways.map(({ cluster, gateway }) => [cluster.name, gateway.address])),
    namespaces: Object.fromEntries(gateways.map(({ cluster, gateway }) => [cluster.name, gateway.namespace])),
  };
}

function infrastructureFor({ clusters }: Settings, cluster: string): EastWestGatewaySettings | undefined {
  return clusters.find(({ name }) => name === cluster)?.eastWestGateway;
}

function peerByRemoteSecrets(args: PeeringArgs, after: readonly pulumi.Resource[]): Peering {
  const { settings, meshes, readerTokens: tokens } = args;
  const own = meshes.map(({ cluster }) => ({ name: cluster.name, ...meshOf(settings) }));
  const plan = linksFrom(meshes, [...own, ...args.peers], settings);
  const others = settings.peerStacks.length > 0;
  const access = new Map(
    meshes.flatMap(({ cluster, mesh }) => {
      const { name, namePrefix } = cluster;
      const holders = [...plan].filter(([, peers]) => peers.some((peer) => peer.name === name)).map(([from]) => from);
      if (!others && holders.length === 0) {
        return [];
      }
      const generations = (holder?: string) =>
        generationsOf(
          tokens.filter((token) => token.namePrefix === namePrefix && token.holder === holder),
          settings.remoteAccess.renewAfterDays,
        );
      const read = {
        clusterName: name,
        namePrefix,
        existingCluster: cluster.clusterResource === undefined,
        apiServerUrl: cluster.peerApiServerUrl,
        ...(cluster.peerTlsServerName !== undefined && { tlsServerName: cluster.peerTlsServerName }),
        holders: Object.fromEntries(holders.map((holder) => [holder, generations(holder).current])),
        others: others ? generations() : undefined,
      };
      const opts = inside(cluster, { dependsOn: [mesh] });
      return [[name, new RemoteAccess(`${namePrefix}-remote-access`, read, opts)] as const];
    }),
  );
  for (const { cluster, mesh } of meshes) {
    const dependsOn = [mesh, ...after];
    const links = linksIn(cluster, dependsOn);
    for (const { name, asRecorded } of plan.get(cluster.name) ?? []) {
      const foreign = args.remoteAccess[name];
      const kubeconfig =
        access.get(name)?.kubeconfigs.get(cluster.name) ?? (foreign === undefined ? undefined : pulumi.secret(foreign));
      if (kubeconfig !== undefined || asRecorded) {
        const secret = { peer: name, kubeconfig: kubeconfig ?? "", asRecorded };
        const opts = { parent: links, dependsOn };
        new RemoteSecret(`${cluster.namePrefix}-remote-secret-${name}`, secret, opts);
      }
    }
  }
  return {
    links: established(plan, "remote secret"),
    eastWestAddresses: {},
    namespaces: {},
    ...(others && {
      remoteAccess: Object.fromEntries(
        [...access].flatMap(([name, { kubeconfig }]) => (kubeconfig ? [[name, kubeconfig]] : [])),
      ),
    }),
  };
}

function linksIn(cluster: Cluster, dependsOn: pulumi.Resource[]): Links {
  const args = { clusterName: cluster.name };
  return new Links(`${cluster.namePrefix}-links`, args, inside(cluster, { dependsOn }));
}

interface LinksArgs {
  /** The cluster that they start in. */
  readonly clusterName: string;
}

/** The links that start in a cluster. */
class Links extends pulumi.ComponentResource {
  constructor(name: string, args: LinksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:peering:Links", name, args, opts);
    this.registerOutputs();
  }
}

function meshOf({ network, trustDomain }: Settings): Pick<Peer, "network" | "trustDomain"> {
  return { network, trustDomain };
}

/** The peers that each cluster of the stack links to, by its name. */
type LinkPlan = ReadonlyMap<string, readonly Peer[]>;

function linksFrom(meshes: PeeringArgs["meshes"], peers: readonly Peer[], settings: Settings): LinkPlan {
  const own = meshes.map(({ cluster }) => cluster.name);
  const byName = new Map(peers.map((peer) => [peer.name, peer]));
  const foreign = [...byName.keys()].filter((name) => !own.includes(name));
  const links = planLinks(settings.links, own, foreign);
  return new Map(
    own.map((name) => [
      name,
      links.flatMap(({ from, to }) => {
        const peer = byName.get(to);
        return from === name && peer !== undefined ? [peer] : [];
      }),
    ]),
  );
}

function established(plan: LinkPlan, via: EstablishedLink["via"]): EstablishedLink[] {
  return [...plan].flatMap(([from, peers]) => peers.map((peer) => ({ from, to: peer.name, via })));
}
