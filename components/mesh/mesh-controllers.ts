import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { runScripts } from "../script";

/** A kwok cluster, where no istiod runs. */
export interface MeshControllersArgs {
  /** The name that kwokctl knows the cluster by. */
  readonly machineName: pulumi.Input<string>;
  /** IPv4 address that its east-west Gateway gets. */
  readonly gatewayAddress: string;
  /** Whether the settings name that address, which a Gateway with another one is then given in its place. */
  readonly addressIsFixed?: boolean;
}

/**
 * What plays the mesh's controllers in a kwok cluster: Stages that program the east-west Gateway with an address and connect
 * its peers.
 */
export function meshControllers(
  name: string,
  { machineName, gatewayAddress, addressIsFixed = false }: MeshControllersArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  return new command.local.Command(
    name,
    {
      ...runScripts({ create: "mesh/kwok-mesh-controllers.sh" }, { NAME: machineName }),
      stdin: meshStages(gatewayAddress, addressIsFixed),
      addPreviousOutputInEnv: false,
    },
    opts,
  );
}

/** The Stages as a manifest. The east-west Gateway gets this address. */
export function meshStages(address: string, fixed = false): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: [eastWestStage(address, fixed), peerStage()] });
}

function eastWestStage(address: string, fixed: boolean): object {
  return gatewayStage("istio-eastwest", ["Accepted", "Programmed"], {
    status: `addresses: [{ type: IPAddress, value: ${address} }]`,
    ...(fixed && { only: `select( any( .status.addresses[]?; .value == "${address}" ) ) | ` }),
  });
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

interface MoreOfStage {
  /** Of the Gateway's status, as YAML. */
  readonly status?: string;
  /** A filter in jq that a Gateway passes unless it is to be reported again. */
  readonly only?: string;
}

/** A Stage that reports the conditions of every Gateway of a class as true, of each generation of it. */
function gatewayStage(gatewayClass: string, conditions: readonly string[], more: MoreOfStage = {}): object {
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
          // Again for each generation: a Gateway that an update has put right is not Programmed until its controller has seen that.
          {
            key:
              `.metadata.generation as $latest | [ ${more.only ?? ""}.status.conditions[]? | ` +
              'select( .type == "Programmed" and .status == "True" and .observedGeneration == $latest ) ] | length | tostring',
            operator: "In",
            values: ["0"],
          },
        ],
      },
      next: {
        statusTemplate: ["conditions:", ...reported, ...(more.status === undefined ? [] : [more.status])].join("\n"),
      },
    },
  };
}
