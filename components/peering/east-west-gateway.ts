import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { hostAddress, PreconditionError } from "../../settings";
import { type Cluster, ensureNamespace, inside } from "../clusters";
import { quoted } from "../../printable";
import { gatewayAddress } from "./address";
import {
  discoveryPort,
  eastWest,
  type EastWestAddress,
  Gateway,
  type KnownAddress,
  listeners,
  parametersName,
  presentAddress,
} from "./gateway";

/**
 * Gives the Gateway's Service a port of the nodes that is known beforehand: the peers have to name it, and nothing tells them
 * of one that the API server has chosen. (Istio's "Automated deployment" of Gateways reads such a ConfigMap.)
 */
function nodePortParameters(
  cluster: Cluster,
  nodePort: number,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ConfigMap {
  const service = { spec: { type: "NodePort", ports: [{ port: discoveryPort, nodePort }] } };
  return new k8s.core.v1.ConfigMap(
    `${cluster.scope}-${parametersName}`,
    { metadata: { name: parametersName, namespace: eastWest }, data: { service: JSON.stringify(service) } },
    opts,
  );
}

export interface EastWestGatewayArgs {
  /** The shared network. */
  readonly network: string;
  /** Its address, where it was there before this update. */
  readonly known?: KnownAddress | undefined;
}

/** The Gateway through which the control planes of peers discover a cluster's services. It is done when it has an address. */
export class EastWestGateway extends pulumi.ComponentResource {
  readonly cluster: Cluster;
  /** Where peers reach it. */
  readonly address: pulumi.Output<EastWestAddress>;

  constructor(cluster: Cluster, { network, known }: EastWestGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:peering:EastWestGateway", `${cluster.scope}-eastwest`, {}, inside(cluster, opts));
    this.cluster = cluster;
    // Recorded on the children, so that a destroy takes them away before the mesh that serves them.
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    const namespace = ensureNamespace(cluster, eastWest, {}, { parent: this, dependsOn });
    const { nodePort } = cluster.settings;
    const inNamespace = { parent: this, dependsOn: [...dependsOn, ...namespace] };
    const parameters = nodePort && nodePortParameters(cluster, nodePort.port, inNamespace);
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
          annotations: {
            ...(nodePort && {
              "networking.istio.io/service-type": "NodePort",
              "peering.solo.io/data-plane-service-type": "nodeport",
            }),
            "pulumi.com/waitFor": '["condition=Programmed","jsonpath={.status.addresses}"]',
          },
        },
        spec: {
          gatewayClassName: eastWest,
          listeners: listeners(),
          ...(parameters && {
            infrastructure: { parametersRef: { group: "", kind: "ConfigMap", name: parametersName } },
          }),
        },
      },
      { ...inNamespace, dependsOn: [...inNamespace.dependsOn, ...(parameters ? [parameters] : [])] },
    );
    this.address = gateway.status.apply((status): EastWestAddress => {
      if (nodePort) {
        // Of its Service the Gateway only knows a name inside the cluster.
        return { ...gatewayAddress(nodePort.address), port: nodePort.port };
      }
      const address = presentAddress(status ?? {}, known);
      if (address === undefined) {
        throw new PreconditionError(
          `Cluster ${cluster.name}: its east-west Gateway is Programmed, but has no address. See that the cluster's load ` +
            `balancer gives Service ${eastWest}/${eastWest} one (kubectl get service -n ${eastWest}), then run pulumi up again.`,
          "docs/troubleshooting.md#east-west-gateways",
        );
      }
      if (!hostAddress.safeParse(address).success) {
        throw new PreconditionError(
          `Cluster ${cluster.name}: its east-west Gateway has the address ${quoted(address)}, which is neither an IP address nor a ` +
            "DNS name that other clusters could reach it by. See what gives the cluster's load balancers their addresses, then " +
            "run pulumi up again.",
          "docs/troubleshooting.md#east-west-gateways",
        );
      }
      return gatewayAddress(address);
    });
    this.registerOutputs({ address: this.address });
  }
}
