import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PreconditionError } from "../../diagnostics";
import { type EastWestGatewaySettings, hostAddress } from "../../settings";
import { quoted } from "../../printable";
import type { NodePort, TargetClusterArgs } from "../clusters";
import { ensureNamespace } from "../mesh";
import { makePullSecrets, type PullSecret } from "../pull-secrets";
import {
  eastWest,
  type EastWestAddress,
  Gateway,
  gatewayAddress,
  type KnownAddress,
  listeners,
  parametersName,
  presentAddress,
} from "./gateway";
import { gatewayParameters, infrastructureOf } from "./gateway-infrastructure";

export interface EastWestGatewayArgs extends TargetClusterArgs {
  /** Name of the network that all clusters share. */
  readonly network: string;
  /** How it is reached if no load balancer gives it an address. */
  readonly nodePort?: NodePort;
  /** What the cluster's cloud needs of its Service and pods. */
  readonly infrastructure?: EastWestGatewaySettings;
  /**
   * Its address, if it existed before this update. Not recorded: it may change by itself, and no plan should show that as a change.
   */
  readonly knownAddress?: KnownAddress;
  /** Secrets that the Gateway's image is pulled with. Not recorded: the Secrets have them. */
  readonly pullSecrets?: readonly PullSecret[];
}

/** The Gateway through which the control planes of peers discover a cluster's services. It is done when it has an address. */
export class EastWestGateway extends pulumi.ComponentResource {
  /** Where peers reach it. */
  readonly address: pulumi.Output<EastWestAddress>;
  /** What anything in its namespace depends on. */
  readonly namespace: readonly pulumi.Resource[];

  constructor(name: string, args: EastWestGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    const { access, knownAddress, pullSecrets, ...recorded } = args;
    super("flatmesh:peering:EastWestGateway", name, recorded, opts);
    const { clusterName, namePrefix, nodePort } = args;
    // Recorded on the children, so that a destroy deletes them before the mesh that serves them.
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    this.namespace = ensureNamespace(
      `${namePrefix}-${eastWest}`,
      { cluster: args, name: eastWest, labels: {} },
      { parent: this, dependsOn },
    );
    const inNamespace = { parent: this, dependsOn: [...dependsOn, ...this.namespace] };
    const pulling = makePullSecrets(namePrefix, eastWest, pullSecrets, inNamespace);
    const { infrastructure = {} } = args;
    const data = gatewayParameters(infrastructure, nodePort?.port);
    const parameters =
      Object.keys(data).length === 0
        ? []
        : [
            new k8s.core.v1.ConfigMap(
              `${namePrefix}-${parametersName}`,
              { metadata: { name: parametersName, namespace: eastWest }, data },
              inNamespace,
            ),
          ];
    const labels = {
      "istio.io/expose-istiod": "15012",
      "topology.istio.io/cluster": clusterName,
      "topology.istio.io/network": args.network,
    };
    const reachedBy: Record<string, string> = nodePort
      ? {
          "networking.istio.io/service-type": "NodePort",
          "peering.solo.io/data-plane-service-type": "nodeport",
        }
      : {};
    const gateway = new Gateway(
      `${namePrefix}-${eastWest}`,
      {
        metadata: {
          name: eastWest,
          namespace: eastWest,
          labels,
          annotations: {
            ...reachedBy,
            ...balancerAnnotations(infrastructure),
            "pulumi.com/waitFor": JSON.stringify(awaited(infrastructure)),
          },
        },
        spec: {
          gatewayClassName: eastWest,
          listeners: listeners(),
          infrastructure: infrastructureOf(infrastructure, { labels, annotations: reachedBy }, parameters.length > 0),
        },
      },
      {
        ...inNamespace,
        dependsOn: [...inNamespace.dependsOn, ...parameters, ...pulling],
        // A Service keeps its class for good: with another one, the Gateway is made anew, and its Service goes and comes with it.
        replaceOnChanges: [`metadata.annotations["${classAnnotation}"]`],
        deleteBeforeReplace: true,
      },
    );
    scaling(`${namePrefix}-${eastWest}`, infrastructure, { parent: this, dependsOn: [...dependsOn, gateway] });
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

/** Has the class of the load balancer, which a change of the parameters alone would not show. */
const classAnnotation = "flatmesh/load-balancer-class";

function balancerAnnotations({ loadBalancerClass }: EastWestGatewaySettings): Record<string, string> {
  return loadBalancerClass === undefined ? {} : { [classAnnotation]: loadBalancerClass };
}

/** What makes the Gateway done. With a fixed address, only that one does: peers would else be told the one before. */
function awaited({ loadBalancerIP }: EastWestGatewaySettings): readonly string[] {
  return [
    "condition=Programmed",
    loadBalancerIP === undefined
      ? "jsonpath={.status.addresses}"
      : `jsonpath={.status.addresses[?(@.value=="${loadBalancerIP}")]}`,
  ];
}

/**
 * The autoscaler and the disruption budget of the Gateway's pods. istiod would make both of parameters too, but never take one away again.
 */
function scaling(
  name: string,
  { autoscaling, podDisruptionBudget }: EastWestGatewaySettings,
  opts: pulumi.CustomResourceOptions,
): void {
  const metadata = { name: eastWest, namespace: eastWest };
  if (autoscaling) {
    const { minReplicas = 1, maxReplicas, targetCPUUtilizationPercentage: averageUtilization = 80 } = autoscaling;
    const target = { type: "Utilization", averageUtilization };
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(
      name,
      {
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: eastWest },
          minReplicas,
          maxReplicas,
          metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
        },
      },
      opts,
    );
  }
  if (podDisruptionBudget) {
    const selector = { matchLabels: { "gateway.networking.k8s.io/gateway-name": eastWest } };
    new k8s.policy.v1.PodDisruptionBudget(name, { metadata, spec: { ...podDisruptionBudget, selector } }, opts);
  }
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
