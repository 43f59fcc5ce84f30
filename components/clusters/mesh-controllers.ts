import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { lastAddress } from "../../settings";
import type { KwokCluster } from "./kwok";
import { runScripts } from "./script";

/**
 * What plays the mesh's controllers in a kwok cluster, where no istiod runs: Stages that program the east-west Gateway with
 * an address and connect its peers.
 */
export class MeshControllers extends command.local.Command {
  constructor(cluster: KwokCluster, opts: pulumi.CustomResourceOptions) {
    super(
      `${cluster.scope}-mesh-controllers`,
      {
        ...runScripts({ create: "kwok-mesh-controllers.sh" }, { NAME: cluster.machineName }),
        // The last address of the service subnet: no other cluster of a flat network has it, and Services are given
        // theirs from the other end.
        stdin: meshStages(lastAddress(cluster.settings.serviceSubnet)),
        addPreviousOutputInEnv: false,
      },
      { ...opts, deletedWith: cluster.madeBy },
    );
  }
}

/** The Stages as a manifest. The east-west Gateway gets this address. */
export function meshStages(address: string): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: [eastWestStage(address), peerStage()] });
}

function eastWestStage(address: string): object {
  return gatewayStage(
    "istio-eastwest",
    ["Accepted", "Programmed"],
    `addresses: [{ type: IPAddress, value: ${address} }]`,
  );
}

function peerStage(): object {
  return gatewayStage("istio-remote", [
    "Accepted",
    "Programmed",
    "gloo.solo.io/PeerConnected",
    "gloo.solo.io/PeeringSucceeded",
    "gloo.solo.io/PeerDataPlaneProgrammed",
  ]);
}

/** A Stage that reports the conditions of every Gateway of a class as true. */
function gatewayStage(gatewayClass: string, conditions: readonly string[], ...moreStatus: readonly string[]): object {
  const reported = conditions.map(
    (type) =>
      `- { type: ${type}, status: "True", reason: Rehearsed, message: played by a kwok Stage, ` +
      "lastTransitionTime: {{ Now | Quote }}, observedGeneration: {{ .metadata.generation }} }",
  );
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name: gatewayClass },
    spec: {
      resourceRef: { apiGroup: "gateway.networking.k8s.io/v1", kind: "Gateway" },
      selector: {
        matchExpressions: [
          { key: ".spec.gatewayClassName", operator: "In", values: [gatewayClass] },
          {
            key: '.status.conditions.[] | select( .type == "Programmed" ) | .status',
            operator: "NotIn",
            values: ["True"],
          },
        ],
      },
      next: { statusTemplate: ["conditions:", ...reported, ...moreStatus].join("\n") },
    },
  };
}
