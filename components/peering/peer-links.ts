import * as pulumi from "@pulumi/pulumi";
import type { LayeredValue } from "../../chart-values";
import type { TargetClusterArgs } from "../clusters";
import type { ChartReference } from "../../registry";
import { helmRelease, type ReleaseRegistry } from "../helm";
import { eastWest, type EastWestAddress, Gateway, type GatewayAddress, listeners, peerGatewayName } from "./gateway";

/** A cluster whose services others can call, as those need to know it; of this stack or another one. */
export interface Peer {
  /** The mesh's name of the cluster. */
  readonly name: string;
  /** Where its east-west Gateway is reached; absent in the community distribution, which has none. */
  readonly address?: pulumi.Input<EastWestAddress>;
  /** Port of its nodes, if they are its address. Known before the address is. */
  readonly nodePort?: number;
  readonly network: string;
  readonly trustDomain: string;
  readonly region?: string;
  readonly zone?: string;
  /** It can't be seen from here: an existing link to it stays as the state has it. */
  readonly asRecorded?: boolean;
}

/** A peer with only these fields, whatever else its stack publishes. */
function peerAlone({ name, address, nodePort, network, trustDomain, region, zone }: Peer): Peer {
  return { name, address, nodePort, network, trustDomain, region, zone };
}

export interface PeerGatewayArgs {
  /** The cluster that may be called. */
  readonly peer: Peer;
}

/** How a peer's data plane is reached. */
const preferredServiceType = "peering.solo.io/preferred-data-plane-service-type";

/** The Gateway that represents a peer: with it, services of its cluster may call those of the peer. */
export class PeerGateway extends pulumi.ComponentResource {
  constructor(name: string, args: PeerGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    const peer = peerAlone(args.peer);
    super(
      "flatmesh:peering:PeerGateway",
      name,
      { peer },
      { ...opts, ignoreChanges: args.peer.asRecorded ? ["peer"] : [] },
    );
    new Gateway(
      name,
      {
        metadata: {
          name: peerGatewayName(peer.name),
          namespace: eastWest,
          annotations: {
            "gateway.istio.io/service-account": "istio-eastwest",
            "gateway.istio.io/trust-domain": peer.trustDomain,
            ...(peer.nodePort !== undefined && { [preferredServiceType]: "nodeport" }),
          },
          labels: {
            "topology.istio.io/cluster": peer.name,
            "topology.istio.io/network": peer.network,
            ...(peer.region !== undefined && { "topology.kubernetes.io/region": peer.region }),
            ...(peer.zone !== undefined && { "topology.kubernetes.io/zone": peer.zone }),
          },
        },
        spec: {
          gatewayClassName: "istio-remote",
          addresses: peer.address === undefined ? [] : [pulumi.output(peer.address).apply(plainAddress)],
          listeners: listeners(peer.nodePort),
        },
      },
      {
        parent: this,
        dependsOn: opts?.dependsOn,
        aliases: [{ parent: opts?.parent }],
        ignoreChanges: args.peer.asRecorded ? ["metadata", "spec"] : [],
      },
    );
    this.registerOutputs();
  }
}

/** Without the port, which belongs into the listeners. */
function plainAddress({ type, value }: EastWestAddress): GatewayAddress {
  return { type, value };
}

/** Name of the release of the peering chart. */
export const peeringRelease = "peering-remote";

export interface PeeringChartArgs extends Pick<TargetClusterArgs, "clusterName" | "existingCluster" | "access"> {
  /** Where the chart comes from. */
  readonly chart: ChartReference;
  /** The clusters that may be called. */
  readonly peers: readonly Peer[];
  /** What the settings put over the program's own values. Not recorded: the release has it. */
  readonly ownValues?: readonly LayeredValue[];
  /** How its registry is asked. Not recorded: the release has it. */
  readonly chartRegistry?: ReleaseRegistry;
}

/** All peers of a cluster in one release of the peering chart: each upgrade replaces its whole list. */
export class PeeringChart extends pulumi.ComponentResource {
  constructor(name: string, args: PeeringChartArgs, opts?: pulumi.ComponentResourceOptions) {
    const { clusterName, existingCluster, chart } = args;
    const peers = args.peers.map(peerAlone);
    // All peers are in one release.
    const keep = args.peers.some(({ asRecorded }) => asRecorded);
    super(
      "flatmesh:peering:PeeringChart",
      name,
      { clusterName, existingCluster, chart, peers },
      { ...opts, ignoreChanges: keep ? ["peers"] : [] },
    );
    const values = peeringValues(peers.map(item));
    helmRelease(
      name,
      {
        cluster: args,
        name: peeringRelease,
        namespace: eastWest,
        chart,
        registry: args.chartRegistry,
        values,
        ownValues: args.ownValues,
      },
      {
        parent: this,
        dependsOn: opts?.dependsOn,
        aliases: [{ parent: opts?.parent }],
        ignoreChanges: keep ? ["values"] : [],
      },
    );
    this.registerOutputs();
  }
}

/** The values that this program gives the peering chart, before those of the settings. */
export function peeringValues(items: unknown): Record<string, unknown> {
  return { eastwest: { create: false }, remote: { create: true, items } };
}

function item(peer: Peer): Record<string, pulumi.Input<unknown>> {
  const address = peer.address && pulumi.output(peer.address);
  return {
    name: peerGatewayName(peer.name),
    cluster: peer.name,
    // The guide has the cluster's name here, with which istiod would not treat the network as flat.
    network: peer.network,
    addressType: address?.type,
    address: address?.value,
    trustDomain: peer.trustDomain,
    ...(peer.nodePort !== undefined && { preferredDataplaneServiceType: "nodeport", nodeport: peer.nodePort }),
    region: peer.region,
    zone: peer.zone,
  };
}
