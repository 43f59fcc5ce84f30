import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { warn } from "../../settings";
import { readScript } from "./script";

/** What it takes to find the nodes of a kind cluster of this machine, of this stack or of another one. */
export interface NodesArgs {
  /** Name in the mesh. */
  readonly name: string;
  /** The name that kind knows it by. */
  readonly machineName: pulumi.Input<string>;
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
export function nodesOf({ name, machineName, madeBy }: NodesArgs, parent: pulumi.Resource): pulumi.Output<Node[]> {
  const seen = command.local.runOutput(
    {
      command: readScript("nodes.sh"),
      environment: { NAME: machineName },
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
    const unclear = unclearNodes(text);
    if (unclear.length > 0) {
      warn(
        `Nodes of kind cluster ${name} get no routes, since the container engine does not say what their address or their ` +
          `pods' subnet is: ${unclear.join(", ")}. Are they on the container network kind, and did the engine just start? Run ` +
          "pulumi up again, or take the cluster out of the settings.",
        parent,
      );
    }
    return parseNodes(text);
  });
}

/** Names of the nodes that nodes.sh has found and that do not run. */
export function stoppedNodes(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const [name, role, address] = line.split(" ");
    return name && role && address === undefined ? [name] : [];
  });
}

/** Names of the nodes that run, and of which nodes.sh could not find out everything. */
export function unclearNodes(text: string): string[] {
  const clear = new Set([...parseNodes(text).map(({ name }) => name), ...stoppedNodes(text)]);
  const names = text.split("\n").map((line) => line.split(" ")[0] ?? "");
  return names.filter((name) => name !== "" && !clear.has(name));
}

/** Reads what nodes.sh prints, without the nodes that do not run. */
export function parseNodes(text: string): Node[] {
  return text.split("\n").flatMap((line) => {
    const [name, role, address, podSubnet, startedAt] = line.split(" ");
    const complete = name && address && podSubnet && startedAt && (role === "control-plane" || role === "worker");
    return complete ? [{ name, role, address, podSubnet, startedAt }] : [];
  });
}
