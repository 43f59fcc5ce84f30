import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../clusters";
import { type ChartReference, Release } from "../helm";
import { eastWest, peerGatewayName } from "./gateway";
import type { Peer } from "./peer";

/** Name of the release. */
export const peeringRelease = "peering-remote";

/** All peers of a cluster in one release of the peering chart: each upgrade replaces its whole list. */
export class PeeringChart extends Release {
  constructor(cluster: Cluster, peers: readonly Peer[], chart: ChartReference, opts: pulumi.CustomResourceOptions) {
    super(
      cluster,
      {
        name: peeringRelease,
        namespace: eastWest,
        chart,
        values: { eastwest: { create: false }, remote: { create: true, items: peers.map(item) } },
      },
      opts,
    );
  }
}

function item(peer: Peer): Record<string, pulumi.Input<unknown>> {
  const address = peer.address && pulumi.output(peer.address);
  return {
    name: peerGatewayName(peer.name),
    cluster: peer.name,
    // The guide puts the cluster's name here, with which istiod would not take the peer for flat.
    network: peer.network,
    ...(address && { addressType: address.type, address: address.value }),
    trustDomain: peer.trustDomain,
    ...(peer.nodePort !== undefined && { preferredDataplaneServiceType: "nodeport", nodeport: peer.nodePort }),
    ...(peer.region !== undefined && { region: peer.region }),
    ...(peer.zone !== undefined && { zone: peer.zone }),
  };
}
