import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../clusters";
import { eastWest, type EastWestAddress, Gateway, type GatewayAddress, listeners, peerGatewayName } from "./gateway";
import type { Peer } from "./peer";

/** How a peer wants its data plane to be reached. */
const preferredServiceType = "peering.solo.io/preferred-data-plane-service-type";

/** The Gateway that stands for a peer: with it, services of `cluster` may call those of `peer`. */
export class PeerGateway extends Gateway {
  constructor(cluster: Cluster, peer: Peer, opts: pulumi.CustomResourceOptions) {
    super(
      `${cluster.scope}-peer-${peer.name}`,
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
      opts,
    );
  }
}

/** The port has a place of its own, in the listeners. */
function plainAddress({ type, value }: EastWestAddress): GatewayAddress {
  return { type, value };
}
