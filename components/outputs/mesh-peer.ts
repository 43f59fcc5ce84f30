import type * as pulumi from "@pulumi/pulumi";
import type { Distribution, Settings } from "../../settings";
import { type Cluster, KindCluster } from "../clusters";
import { meshPeerVersion } from "../../stacks/peer-outputs";
import type { EastWestAddress, Peering } from "../peering";
import type { ToldRoots, Trust } from "../trust";

/** A cluster as its peers need to know it. Subnets are CIDRs, absent where they are not known. */
interface MeshPeerCluster {
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
  readonly region?: string;
  readonly zone?: string;
  /** The context by which whoever deploys the stack reaches it. A peer looks for it in its own kubeconfig. */
  readonly context: pulumi.Output<string>;
  /** Where its east-west Gateway is reached (solo distribution). */
  readonly address?: pulumi.Output<EastWestAddress>;
  /** Identifies the nodes of a kind cluster. */
  readonly kind?: { readonly machineName: pulumi.Output<string>; readonly owner: pulumi.Output<string> };
}

/** What other stacks read of this one: no secret, and no access to a cluster. stacks/peer-outputs reads it. */
export interface MeshPeerOutput {
  readonly version: typeof meshPeerVersion;
  readonly distribution: Distribution;
  readonly network: string;
  readonly trustDomain: string;
  readonly clusters: Readonly<Record<string, MeshPeerCluster>>;
  /** Absent where someone else keeps the clusters' certificates. */
  readonly roots?: ToldRoots;
  /** Then every root that is trusted, PEM, where it is known. */
  readonly rootCertificate?: pulumi.Output<string>;
  /** Full name of the stack that the root is taken from; absent where it is this stack's own, or nobody's. */
  readonly rootStack?: string;
}

export interface MeshPeerArgs {
  readonly settings: Settings;
  readonly trust: Trust;
  readonly clusters: readonly Cluster[];
  readonly peering: Peering;
}

export function meshPeer({ settings, trust, clusters, peering }: MeshPeerArgs): MeshPeerOutput {
  const { distribution, network, trustDomain, root } = settings;
  return {
    version: meshPeerVersion,
    distribution,
    network,
    trustDomain,
    clusters: Object.fromEntries(
      clusters.map((cluster) => [cluster.name, clusterOf(cluster, peering.eastWestAddresses[cluster.name])]),
    ),
    ...(trust.roots ? { roots: trust.roots } : trust.rootCertificate && { rootCertificate: trust.rootCertificate }),
    ...(root.source === "stack" && { rootStack: root.stack }),
  };
}

function clusterOf(cluster: Cluster, address: pulumi.Output<EastWestAddress> | undefined): MeshPeerCluster {
  const { podSubnet, serviceSubnet, region, zone } = cluster;
  return {
    ...(podSubnet !== undefined && { podSubnet }),
    ...(serviceSubnet !== undefined && { serviceSubnet }),
    ...(region !== undefined && { region }),
    ...(zone !== undefined && { zone }),
    context: cluster.context,
    ...(address && { address }),
    ...(cluster instanceof KindCluster && { kind: { machineName: cluster.machineName, owner: cluster.owner } }),
  };
}
