import { isIPv4 } from "node:net";
import type * as pulumi from "@pulumi/pulumi";
import { warn } from "../../diagnostics";
import { contains, parseSubnet, subnetProblem } from "../../settings";

/** A node of a kind cluster, as the container engine sees it. */
export interface Node {
  /** Name of its container. */
  readonly name: string;
  readonly role: "control-plane" | "worker";
  /** Its IPv4 address on the container network. It may change with each restart of the engine. */
  readonly address: string;
  /** CIDR that its pods take their addresses from. */
  readonly podSubnet: string;
  /** When its container last started, which removed its routes. */
  readonly startedAt: string;
}

/**
 * Reads what nodes.sh prints for a kind cluster, and warns of nodes that can't get routes.
 *
 * @param cluster Its name in the mesh, and the CIDR that its pods' addresses are of.
 */
export function nodesIn(
  text: string,
  { name, podSubnet }: { readonly name: string; readonly podSubnet: string },
  about: pulumi.Resource,
): Node[] {
  const stopped = stoppedNodes(text);
  if (stopped.length > 0) {
    warn(
      `Nodes of kind cluster ${name} do not run, and get no routes: ${stopped.join(", ")}. Start them ` +
        "with the container engine (docker start …) and run pulumi up again, or take the cluster out of the settings.",
      about,
    );
  }
  const unclear = unclearNodes(text, podSubnet);
  if (unclear.length > 0) {
    warn(
      `Nodes of kind cluster ${name} get no routes, since the container engine does not say what their address is, or a ` +
        `subnet of ${podSubnet} for their pods: ${unclear.join(", ")}. Are they on the container network kind, and did the ` +
        "engine just start? Run pulumi up again, or take the cluster out of the settings.",
      about,
    );
  }
  return parseNodes(text, podSubnet);
}

/** Names of the nodes that do not run. */
export function stoppedNodes(text: string): string[] {
  return linesOf(text).flatMap(([name, ...rest]) => (rest.length === 1 ? [name] : []));
}

/** Names of the running nodes for which nodes.sh printed too little, or something impossible. */
export function unclearNodes(text: string, podSubnet: string): string[] {
  const clear = new Set([...parseNodes(text, podSubnet).map(({ name }) => name), ...stoppedNodes(text)]);
  return linesOf(text).flatMap(([name]) => (clear.has(name) ? [] : [name]));
}

/**
 * Reads what nodes.sh prints, without the nodes that do not run. A node's own pod subnet is accepted only within its cluster's: other
 * nodes would otherwise send it what is meant for someone else.
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

/** What a node has of this program's network. */
export interface NodeNetwork {
  /** `<destination> <next hop>` */
  readonly routes: readonly string[];
  /** Whether what keeps the addresses of its pods is as it was installed. */
  readonly rules: "intact" | "changed" | "absent";
}

/** What the nodes that run have of this program's network, by their names, as nodes.sh prints it. */
export function parseNetworks(text: string): ReadonlyMap<string, NodeNetwork> {
  const networks = new Map<string, NodeNetwork>();
  for (const line of text.split("\n")) {
    const [, name = "", kind, rest = ""] = /^\+(\S+) (route|rules) (.+)$/.exec(line) ?? [];
    if (kind === undefined) {
      continue;
    }
    const { routes, rules } = networks.get(name) ?? { routes: [], rules: "absent" };
    if (kind === "route") {
      networks.set(name, { routes: [...routes, rest], rules });
    } else {
      networks.set(name, { routes, rules: rest === "intact" || rest === "changed" ? rest : "absent" });
    }
  }
  return networks;
}

/**
 * The images that nodes have, by the names of the nodes: the digest of each image by its name. Without the nodes that were not asked
 * for them, or did not finish the list.
 */
export function parseImages(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const images = new Map<string, Map<string, string>>();
  const complete = new Map<string, ReadonlyMap<string, string>>();
  for (const line of text.split("\n")) {
    const [, node = "", name, digest = ""] = /^\+(\S+) (?:image (\S+) (\S+)|images listed)$/.exec(line) ?? [];
    if (node === "") {
      continue;
    }
    const has = images.get(node) ?? new Map<string, string>();
    images.set(node, has);
    if (name === undefined) {
      complete.set(node, has);
    } else {
      has.set(name, digest);
    }
  }
  return complete;
}

/** The words of each line that begins with the name of a container. */
function linesOf(text: string): [string, ...string[]][] {
  return text.split("\n").flatMap((line): [string, ...string[]][] => {
    const [name = "", ...rest] = line.split(" ");
    return /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) ? [[name, ...rest]] : [];
  });
}
