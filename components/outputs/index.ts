import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import type { Cluster } from "../clusters";
import { istioTag } from "../mesh";
import type { EastWestAddress, EstablishedLink, Peer, Peering } from "../peering";
import type { ToldRoots, Trust } from "../trust";
import { meshPeer, type MeshPeerOutput } from "./mesh-peer";
import { topology } from "./topology";

export { topology, type TopologyArgs } from "./topology";

/** A cluster of the stack, as peers and operators need it. Subnets are CIDRs, absent where they are not known. */
export interface ClusterOutput {
  /** Its context in the kubeconfig, which is not an output. */
  readonly context: pulumi.Output<string>;
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
  readonly network: string;
  readonly trustDomain: string;
  readonly platform: string;
  readonly region?: string;
  readonly zone?: string;
}

/** What a mesh is made of, for those who check it. */
export interface MeshOutput {
  readonly distribution: Settings["distribution"];
  /** Tag of its images, and version of its charts. */
  readonly version: string;
  /** Release of the Gateway API's definitions. */
  readonly gatewayApi: string;
  /** Whether the demo is in it. */
  readonly demo: boolean;
}

/** The outputs of a stack. A stack that peers with it reads `meshPeer`, `remoteAccess` and `intermediates`; the rest is for people. */
export interface Outputs {
  readonly meshPeer: MeshPeerOutput;
  readonly clusters: Readonly<Record<string, ClusterOutput>>;
  readonly eastWestAddresses: Readonly<Record<string, pulumi.Output<EastWestAddress>>>;
  /** Every root that is trusted, PEM; absent where someone else keeps the certificates. */
  readonly rootCertificate?: pulumi.Output<string>;
  /** The same by name, and which one signs; absent where someone else keeps the certificates. */
  readonly roots?: ToldRoots;
  /** Full name of the stack that the root is taken from; absent where it is this stack's own, or nobody's. */
  readonly rootStack?: string;
  readonly links: readonly EstablishedLink[];
  /**
   * Peers that can't be linked to yet: a stack by its full name, a cluster without address as `<stack>/<cluster>`, and by its own
   * name a cluster that links lead to and no stack has.
   */
  readonly missingPeers: readonly string[];
  /** Names of the clusters of each peer stack, by its full name. */
  readonly peers: Readonly<Record<string, readonly string[]>>;
  /** What the mesh is made of; absent where the stack has no clusters. */
  readonly mesh?: MeshOutput;
  /** A Mermaid diagram. */
  readonly topology: string;
  /** Community distribution, for the clusters of `peerStacks`: secret kubeconfigs of readers, by cluster. */
  readonly remoteAccess?: Readonly<Record<string, pulumi.Output<string>>>;
  /** Where this stack signs for others: intermediates by cluster, a secret each. */
  readonly intermediates?: Trust["issued"];
}

export interface OutputsArgs {
  readonly settings: Settings;
  /** Release of the Gateway API's definitions, such as `v1.4.0`. */
  readonly gatewayApiRelease: string;
  readonly trust: Trust;
  readonly clusters: readonly Cluster[];
  readonly peering: Peering;
  readonly peerStacks: {
    readonly peers: readonly Peer[];
    readonly missing: readonly string[];
    readonly clusters: Readonly<Record<string, readonly string[]>>;
  };
}

export function stackOutputs({
  settings,
  gatewayApiRelease,
  trust,
  clusters,
  peering,
  peerStacks,
}: OutputsArgs): Outputs {
  return {
    meshPeer: meshPeer({ settings, trust, clusters, peering }),
    clusters: Object.fromEntries(clusters.map((cluster) => [cluster.name, clusterOutput(cluster, settings)])),
    eastWestAddresses: peering.eastWestAddresses,
    ...(trust.rootCertificate && { rootCertificate: trust.rootCertificate }),
    ...(trust.roots && { roots: trust.roots }),
    ...(settings.root.source === "stack" && { rootStack: settings.root.stack }),
    links: peering.links,
    missingPeers: peerStacks.missing,
    peers: peerStacks.clusters,
    ...(clusters.length > 0 && { mesh: meshOutput(settings, gatewayApiRelease) }),
    topology: topology({
      network: settings.network,
      clusters: settings.clusters,
      peers: peerStacks.peers.map(({ name }) => name),
      links: peering.links,
    }),
    ...(peering.remoteAccess && { remoteAccess: peering.remoteAccess }),
    ...(trust.issued && { intermediates: trust.issued }),
  };
}

function meshOutput(settings: Settings, gatewayApi: string): MeshOutput {
  const { distribution, demo } = settings;
  return { distribution, version: istioTag(settings), gatewayApi, demo: demo !== false };
}

function clusterOutput(cluster: Cluster, settings: Settings): ClusterOutput {
  const { context, podSubnet, serviceSubnet, platform, region, zone } = cluster;
  return {
    context,
    ...(podSubnet !== undefined && { podSubnet }),
    ...(serviceSubnet !== undefined && { serviceSubnet }),
    network: settings.network,
    trustDomain: settings.trustDomain,
    platform: platform ?? "kubernetes",
    ...(region !== undefined && { region }),
    ...(zone !== undefined && { zone }),
  };
}
