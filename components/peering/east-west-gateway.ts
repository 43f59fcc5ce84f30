import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PreconditionError } from "../../diagnostics";
import { hostAddress } from "../../settings";
import { quoted } from "../../printable";
import type { NodePort, TargetClusterArgs } from "../clusters";
import { ensureNamespace } from "../mesh";
import {
  discoveryPort,
  eastWest,
  type EastWestAddress,
  Gateway,
  gatewayAddress,
  type KnownAddress,
  listeners,
  parametersName,
  presentAddress,
} from "./gateway";

export interface EastWestGatewayArgs extends TargetClusterArgs {
  /** Name of the network that all clusters share. */
  readonly network: string;
  /** How it is reached if no load balancer gives it an address. */
  readonly nodePort?: NodePort;
  /**
   * Its address, if it existed before this update. Not recorded: it may change by itself, and no plan should show that as a change.
   */
  readonly knownAddress?: KnownAddress;
}

/** The Gateway through which the control planes of peers discover a cluster's services. It is done when it has an address. */
export class EastWestGateway extends pulumi.ComponentResource {
  /** Where peers reach it. */
  readonly address: pulumi.Output<EastWestAddress>;

  constructor(name: string, args: EastWestGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    const { access, knownAddress, ...recorded } = args;
    super("flatmesh:peering:EastWestGateway", name, recorded, opts);
    const { clusterName, namePrefix, nodePort } = args;
    // Recorded on the children, so that a destroy deletes them before the mesh that serves them.
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    const namespace = ensureNamespace(
      `${namePrefix}-${eastWest}`,
      { cluster: args, name: eastWest, labels: {} },
      { parent: this, dependsOn },
    );
    const inNamespace = { parent: this, dependsOn: [...dependsOn, ...namespace] };
    const parameters = nodePort && nodePortParameters(`${namePrefix}-${parametersName}`, nodePort.port, inNamespace);
    const gateway = new Gateway(
      `${namePrefix}-${eastWest}`,
      {
        metadata: {
          name: eastWest,
          namespace: eastWest,
          labels: {
            "istio.io/expose-istiod": "15012",
            "topology.istio.io/cluster": clusterName,
            "topology.istio.io/network": args.network,
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
          infrastructure: parameters && {
            parametersRef: { group: "", kind: "ConfigMap", name: parametersName },
          },
        },
      },
      { ...inNamespace, dependsOn: [...inNamespace.dependsOn, ...(parameters ? [parameters] : [])] },
    );
    this.address = gateway.status.apply((status): EastWestAddress => {
      if (nodePort) {
        // The Gateway only reports its Service's name inside the cluster.
        return { ...gatewayAddress(nodePort.address), port: nodePort.port };
      }
      return gatewayAddress(checkedAddress(clusterName, presentAddress(status ?? {}, knownAddress)));
    });
    this.registerOutputs({ address: this.address });
  }
}

/**
 * Gives the Gateway's Service a fixed node port: the peers have to name it, and could not learn one that the API server chooses. (Istio's "Automated deployment" of Gateways reads such a ConfigMap.)
 */
function nodePortParameters(name: string, nodePort: number, opts: pulumi.CustomResourceOptions): k8s.core.v1.ConfigMap {
  const service = { spec: { type: "NodePort", ports: [{ port: discoveryPort, nodePort }] } };
  return new k8s.core.v1.ConfigMap(
    name,
    { metadata: { name: parametersName, namespace: eastWest }, data: { service: JSON.stringify(service) } },
    opts,
  );
}

/** @throws PreconditionError if a Gateway has no address, or one that others can't use. */
function checkedAddress(clusterName: string, address: string | undefined): string {
  if (address === undefined) {
    throw new PreconditionError(
      `Cluster ${clusterName}: its east-west Gateway is Programmed, but has no address. See that the cluster's load ` +
        `balancer gives Service ${eastWest}/${eastWest} one (kubectl get service -n ${eastWest}), then run pulumi up again.`,
      "docs/troubleshooting.md#east-west-gateways",
    );
  }
  if (!hostAddress.safeParse(address).success) {
    throw new PreconditionError(
      `Cluster ${clusterName}: its east-west Gateway has the address ${quoted(address)}, which is neither an IP address nor a ` +
        "DNS name that other clusters could reach it by. See what gives the cluster's load balancers their addresses, then " +
        "run pulumi up again.",
      "docs/troubleshooting.md#east-west-gateways",
    );
  }
  return address;
}
