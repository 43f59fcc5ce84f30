import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "../../settings";
import { type Cluster, ensureNamespace, inside } from "../clusters";
import { gatewayAddress } from "./address";
import { Gateway, type GatewayAddress, listeners } from "./gateway";

/** Namespace of both Gateways of a peering, and name of the one that peers reach. */
export const eastWest = "istio-eastwest";

/** The Gateway through which the control planes of peers discover a cluster's services. It is done when it has an address. */
export class EastWestGateway extends pulumi.ComponentResource {
  readonly cluster: Cluster;
  /** Where peers reach it. */
  readonly address: pulumi.Output<GatewayAddress>;

  constructor(cluster: Cluster, network: string, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:peering:EastWestGateway", `${cluster.scope}-eastwest`, {}, inside(cluster, opts));
    this.cluster = cluster;
    // Recorded on the children, so that a destroy takes them away before the mesh that serves them.
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    const namespace = ensureNamespace(cluster, eastWest, {}, { parent: this, dependsOn });
    const gateway = new Gateway(
      `${cluster.scope}-${eastWest}`,
      {
        metadata: {
          name: eastWest,
          namespace: eastWest,
          labels: {
            "istio.io/expose-istiod": "15012",
            "topology.istio.io/cluster": cluster.name,
            "topology.istio.io/network": network,
          },
          annotations: { "pulumi.com/waitFor": '["condition=Programmed","jsonpath={.status.addresses}"]' },
        },
        spec: { gatewayClassName: eastWest, listeners },
      },
      { parent: this, dependsOn: [...dependsOn, ...namespace] },
    );
    this.address = gateway.status.apply((status) => {
      const address = status?.addresses?.[0];
      if (address === undefined) {
        throw new Refusal(
          `Cluster ${cluster.name}: its east-west Gateway is Programmed, but has no address. See that the cluster's load ` +
            `balancer gives Service ${eastWest}/${eastWest} one (kubectl get service -n ${eastWest}), then run pulumi up again.`,
        );
      }
      return gatewayAddress(address.value);
    });
    this.registerOutputs({ address: this.address });
  }
}
