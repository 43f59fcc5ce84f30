import { isIPv4 } from "node:net";
import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { contains, parseSubnet, subnetProblem, warn } from "../../settings";
import { ownerEnvironment } from "./ownership";
import { readScript } from "./script";

/** What it takes to find the nodes of a kind cluster of this machine, of this stack or of another one. */
export interface NodesArgs {
  /** Name in the mesh. */
  readonly name: string;
  /** The name that kind knows it by. */
  readonly machineName: pulumi.Input<string>;
  /** Identifier of the stack that it has to be of: anybody's clusters may have that name. */
  readonly owner: pulumi.Input<string>;
  /** CIDR that its pods' addresses are of. */
  readonly podSubnet: string;
  /** What makes it in this stack: before that there is nothing to look at. */
  readonly madeBy?: pulumi.Resource;
}

/** A node of a kind cluster, as the container engine sees it. */
export interface Node {
  /** Name of its container. */
  readonly name: string;
  readonly role: "control-plane" | "worker";
  /** Its IPv4 address on the container network: another one after each restart of the engine, perhaps. */
  readonly address: string;
  /** CIDR that its pods take their addresses from. */
  readonly podSubnet: string;
  /** When its container last started: its routes are gone since then, at the latest. */
  readonly startedAt: string;
}

/**
 * The nodes of a kind cluster as they are now. They are looked up in every plan, so that a restart shows up in it; while
 * the cluster is yet to be made they are unknown.
 */
export function nodesOf(
  { name, machineName, owner, podSubnet, madeBy }: NodesArgs,
  parent: pulumi.Resource,
): pulumi.Output<Node[]> {
  const seen = command.local.runOutput(
    {
      command: readScript("nodes.sh"),
      environment: { NAME: machineName, ...ownerEnvironment(owner) },
      logging: command.local.Logging.None,
    },
    { parent, ...(madeBy && { dependsOn: [madeBy] }) },
  );
  return seen.stdout.apply((text) => {
    const stopped = stoppedNodes(text);
    if (stopped.length > 0) {
      warn(
        `Nodes of kind cluster ${name} do not run, and get no routes: ${stopped.join(", ")}. Start them ` +
          "with the container engine (docker start …) and run pulumi up again, or take the cluster out of the settings.",
        parent,
      );
    }
    const unclear = unclearNodes(text, podSubnet);
    if (unclear.length > 0) {
      warn(
        `Nodes of kind cluster ${name} get no routes, since the container engine does not say what their address is, or a ` +
          `subnet of ${podSubnet} for their pods: ${unclear.join(", ")}. Are they on the container network kind, and did the ` +
          "engine just start? Run pulumi up again, or take the cluster out of the settings.",
        parent,
      );
    }
    return parseNodes(text, podSubnet);
  });
}

/** Names of the nodes that nodes.sh has found and that do not run. */
export function stoppedNodes(text: string): string[] {
  return linesOf(text).flatMap(([name, ...rest]) => (rest.length === 1 ? [name] : []));
}

/** Names of the nodes that run, and of which nodes.sh could not find out everything, or nothing that can be. */
export function unclearNodes(text: string, podSubnet: string): string[] {
  const clear = new Set([...parseNodes(text, podSubnet).map(({ name }) => name), ...stoppedNodes(text)]);
  return linesOf(text).flatMap(([name]) => (clear.has(name) ? [] : [name]));
}

/**
 * Reads what nodes.sh prints, without the nodes that do not run. What a node itself says of its pods' subnet is taken only
 * within that of its cluster: all others would send there what is meant for somebody else.
 */
export function parseNodes(text: string, clusterSubnet: string): Node[] {
  const whole = parseSubnet(clusterSubnet);
  return linesOf(text).flatMap(([name, role, address = "", podSubnet = "", startedAt = ""]) => {
    const fits =
      isIPv4(address) &&
      subnetProblem(podSubnet) === undefined &&
      contains(whole, parseSubnet(podSubnet)) &&
      startedAt !== "" &&
      (role === "control-plane" || role === "worker");
    return fits ? [{ name, role, address, podSubnet, startedAt }] : [];
  });
}

/** The words of each line that begins with the name of a container. */
function linesOf(text: string): [string, ...string[]][] {
  return text.split("\n").flatMap((line): [string, ...string[]][] => {
    const [name = "", ...rest] = line.split(" ");
    return /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) ? [[name, ...rest]] : [];
  });
}
