import * as pulumi from "@pulumi/pulumi";
import { type Link, type Settings, planLinks } from "../../settings";
import { type Cluster, inside } from "../clusters";
import { type Mesh, chartOf } from "../mesh";
import { EastWestGateway } from "./east-west-gateway";
import type { EastWestAddress, KnownAddress } from "./gateway";
import type { Peer } from "./peer";
import { PeerGateway } from "./peer-gateway";
import type { KnownToken } from "./token-renewal";
import { PeeringChart } from "./peering-chart";
import { RemoteAccess } from "./remote-access";
import { RemoteSecret } from "./remote-secret";

export interface PeeringArgs {
  readonly settings: Settings;
  /** The meshes of this stack's clusters. */
  readonly meshes: readonly Mesh[];
  /** The clusters of other stacks. */
  readonly peers: readonly Peer[];
  /** Kubeconfigs (YAML) of readers of those, in the clear, by cluster (community distribution). */
  readonly remoteAccess: Readonly<Record<string, string>>;
  /** Addresses of east-west Gateways that stand, by what the names of their cluster's resources begin with. */
  readonly eastWestAddresses: Readonly<Record<string, KnownAddress>>;
  /** The tokens of readers that the stack has by now. */
  readonly readerTokens: readonly KnownToken[];
}

/** A link with what makes it. */
export interface EstablishedLink extends Link {
  readonly via: "peer Gateway" | "peering chart" | "remote secret";
}

/** Lets services of one cluster call those of another, for every link that starts in this stack. */
export interface Peering {
  readonly links: readonly EstablishedLink[];
  /** By cluster. */
  readonly eastWestAddresses: Readonly<Record<string, pulumi.Output<EastWestAddress>>>;
  /**
   * Secret kubeconfigs for clusters of other stacks, by cluster that they read; absent in the solo distribution, and where there
   * are no peer stacks.
   */
  readonly remoteAccess?: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Peers the clusters of a stack with one another and with those of other stacks, as their distribution does it. */
export function createPeering(args: PeeringArgs): Peering {
  return args.settings.distribution === "solo" ? peerByGateways(args) : peerByRemoteSecrets(args);
}

function peerByGateways({ settings, meshes, peers: others, eastWestAddresses }: PeeringArgs): Peering {
  const { network } = settings;
  const gateways = meshes.map((mesh) => {
    const known = eastWestAddresses[mesh.cluster.scope];
    return new EastWestGateway(mesh.cluster, { network, known }, { dependsOn: [mesh] });
  });
  const own = gateways.map(({ cluster, address }): Peer => {
    const { nodePort, region, zone } = cluster.settings;
    return {
      name: cluster.name,
      address,
      ...meshOf(settings),
      ...(nodePort && { nodePort: nodePort.port }),
      ...(region !== undefined && { region }),
      ...(zone !== undefined && { zone }),
    };
  });
  const plan = linksFrom(meshes, [...own, ...others], settings);
  for (const gateway of gateways) {
    const { cluster } = gateway;
    const peers = plan.get(cluster.name) ?? [];
    const links = new Links(cluster, { dependsOn: [gateway] });
    // The own Gateway has the namespace; the peers' addresses, which the links wait for, say that the peers are ready.
    const opts = { parent: links, dependsOn: [gateway] };
    if (settings.linkMethod === "gateways") {
      peers.forEach((peer) => {
        const ignoreChanges = peer.asRecorded ? ["metadata", "spec"] : [];
        new PeerGateway(cluster, peer, { ...opts, ignoreChanges });
      });
    } else if (peers.length > 0) {
      // All peers are in one release.
      const ignoreChanges = peers.some(({ asRecorded }) => asRecorded) ? ["values"] : [];
      new PeeringChart(cluster, peers, chartOf(settings, "peering"), { ...opts, ignoreChanges });
    }
  }
  return {
    links: established(plan, settings.linkMethod === "chart" ? "peering chart" : "peer Gateway"),
    eastWestAddresses: Object.fromEntries(gateways.map(({ cluster, address }) => [cluster.name, address])),
  };
}

function peerByRemoteSecrets(args: PeeringArgs): Peering {
  const { settings, meshes, readerTokens: tokens } = args;
  const own = meshes.map(({ cluster }) => ({ name: cluster.name, ...meshOf(settings) }));
  const plan = linksFrom(meshes, [...own, ...args.peers], settings);
  const others = settings.peerStacks.length > 0;
  const access = new Map(
    meshes.flatMap((mesh) => {
      const { name } = mesh.cluster;
      const holders = [...plan].filter(([, peers]) => peers.some((peer) => peer.name === name)).map(([from]) => from);
      const args = { holders, others, tokens, renewAfterDays: settings.remoteAccess.renewAfterDays };
      const read = others || holders.length > 0;
      return read ? [[name, new RemoteAccess(mesh.cluster, args, { dependsOn: [mesh] })] as const] : [];
    }),
  );
  for (const mesh of meshes) {
    const { cluster } = mesh;
    const links = new Links(cluster, { dependsOn: [mesh] });
    for (const { name, asRecorded } of plan.get(cluster.name) ?? []) {
      const foreign = args.remoteAccess[name];
      const kubeconfig =
        access.get(name)?.kubeconfigs.get(cluster.name) ?? (foreign === undefined ? undefined : pulumi.secret(foreign));
      if (kubeconfig !== undefined || asRecorded) {
        const ignoreChanges = asRecorded ? ["stringData"] : [];
        new RemoteSecret(cluster, name, kubeconfig ?? "", { parent: links, dependsOn: [mesh], ignoreChanges });
      }
    }
  }
  return {
    links: established(plan, "remote secret"),
    eastWestAddresses: {},
    ...(others && {
      remoteAccess: Object.fromEntries(
        [...access].flatMap(([name, { kubeconfig }]) => (kubeconfig ? [[name, kubeconfig]] : [])),
      ),
    }),
  };
}

/** The links that start in a cluster. */
class Links extends pulumi.ComponentResource {
  constructor(cluster: Cluster, opts: pulumi.ComponentResourceOptions) {
    super("flatmesh:peering:Links", `${cluster.scope}-links`, {}, inside(cluster, opts));
    this.registerOutputs();
  }
}

function meshOf({ network, trustDomain }: Settings): Pick<Peer, "network" | "trustDomain"> {
  return { network, trustDomain };
}

/** The peers that each cluster of the stack links to, by its name. */
type LinkPlan = ReadonlyMap<string, readonly Peer[]>;

function linksFrom(meshes: readonly Mesh[], peers: readonly Peer[], settings: Settings): LinkPlan {
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
