import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../clusters";
import { eastWest } from "./east-west-gateway";
import { Gateway, listeners } from "./gateway";
import type { Peer } from "./peer";

/** The Gateway that stands for a peer: with it, services of `cluster` may call those of `peer`. */
export class PeerGateway extends Gateway {
  constructor(cluster: Cluster, peer: Peer, opts: pulumi.CustomResourceOptions) {
    super(
      `${cluster.scope}-peer-${peer.name}`,
      {
        metadata: {
          name: `istio-remote-peer-${peer.name}`,
          namespace: eastWest,
          annotations: {
            "gateway.istio.io/service-account": "istio-eastwest",
            "gateway.istio.io/trust-domain": peer.trustDomain,
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
          addresses: peer.address === undefined ? [] : [peer.address],
          listeners,
        },
      },
      opts,
    );
  }
}
