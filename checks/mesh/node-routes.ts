import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { runInNode } from "../../kubernetes";
import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh, objects } from "../inventory";
import { readFailure } from "../inventory/each-cluster";
import { type InNode, nodeContainerOf } from "./node-connections";

/** Where packets for a subnet have to be sent. */
interface Destination {
  readonly cluster: string;
  /** What the subnet is of. */
  readonly what: string;
  /** Whether the mesh does without: only this program routes services, which ztunnel does not send to. */
  readonly optional: boolean;
  /** CIDR. */
  readonly subnet: string;
  /** Addresses that may be the next hop: of the node itself, or, for services, of any node of the cluster. */
  readonly hops: readonly string[];
  /** Further addresses of the same cluster: packets get there by a detour. */
  readonly detours: readonly string[];
}

/** A route as `ip -json route` has it; several next hops are a list. */
const Routes = z.array(
  z.object({
    dst: z.string(),
    type: z.string().default("unicast"),
    gateway: z.string().optional(),
    dev: z.string().optional(),
    protocol: z.string().default(""),
    nexthops: z.array(z.object({ gateway: z.string().optional() })).default([]),
  }),
);
type Route = z.output<typeof Routes>[number];

/** The protocol number of the routes that this program has set; iproute2 shows it as bgp unless run with -N. */
const protocol = "186";

const remedy = "Run pulumi up, which sets the routes for the nodes' current addresses.";

/**
 * Whether nodes that are containers of this machine (kind) have the routes that make their clusters' network flat. When the container
 * engine restarts them, their addresses may be swapped, and routes are only back once each node has looked the others up again.
 *
 * @param inNode Set in tests: what stands for the container engine.
 */
export function nodeRoutesBy(inNode: InNode): Check {
  return {
    id: "node-routes",
    title: "Every node has a route to the pods of every other cluster, via the node that they run on",
    async run(mesh) {
      const destinations = new Map(await Promise.all(mesh.clusters.map((one) => destinationsOf(one, mesh))));
      return forEachCluster(mesh, async (cluster, findings) => {
        const nodes = await cluster.nodes();
        if (await cluster.isHollow()) {
          findings.notObservable("nodes of a kwok cluster have no routes");
          return;
        }
        if (mesh.clusters.length < 2) {
          findings.notApplicable("there is no other cluster in this mesh");
          return;
        }
        const others = [...destinations].filter(([name]) => name !== cluster.name);
        for (const [name, result] of others) {
          if (typeof result === "string") {
            findings
              .between(name)
              .unknown(`to ${name}: ${result}`, `Make sure that ${name} runs and can be reached from here.`);
          }
        }
        const required = others.flatMap(([, result]) => (typeof result === "string" ? [] : result));
        if (required.length === 0 && findings.list.length > 0) {
          return;
        }
        await Promise.all(nodes.map((node) => checkNode(node, required, mesh, inNode, findings)));
      });
    },
  };
}

export const nodeRoutes = nodeRoutesBy(runInNode);

/** Where a cluster's subnets are, or why that is unknown. */
async function destinationsOf(
  cluster: Cluster,
  { expected }: Mesh,
): Promise<[cluster: string, readonly Destination[] | string]> {
  try {
    const [nodes, pods] = await Promise.all([cluster.nodes(), cluster.pods()]);
    const all = nodes.flatMap((node) => internal(node) ?? []);
    const subnets = nodes.flatMap((node) => node.podSubnets.filter((subnet) => isIPv4(subnet.split("/")[0] ?? "")));
    // A pod network with address management of its own leaves the nodes' subnets unused.
    const addresses = pods.flatMap(({ spec, status }) => (spec.hostNetwork || !status.podIP ? [] : [status.podIP]));
    if (addresses.length > 0 && !addresses.some((address) => subnets.some((subnet) => holds(subnet, address)))) {
      return [cluster.name, []];
    }
    const ofPods = nodes.flatMap((node): Destination[] => {
      const own = internal(node);
      const v4 = node.podSubnets.filter((subnet) => isIPv4(subnet.split("/")[0] ?? ""));
      return own === undefined
        ? []
        : v4.map((subnet) => ({
            cluster: cluster.name,
            what: `pods on node ${node.name}`,
            optional: false,
            subnet,
            hops: [own],
            detours: all.filter((address) => address !== own),
          }));
    });
    const services = expected.subnets?.[cluster.name]?.services;
    const ofServices =
      services === undefined
        ? []
        : [{ cluster: cluster.name, what: "services", optional: true, subnet: services, hops: all, detours: [] }];
    return [cluster.name, [...ofPods, ...ofServices]];
  } catch (error) {
    return [cluster.name, readFailure(error)[0]];
  }
}

async function checkNode(
  node: objects.Node,
  required: readonly Destination[],
  mesh: Mesh,
  inNode: InNode,
  findings: FindingCollector,
): Promise<void> {
  const { name } = node;
  const container = nodeContainerOf(node);
  const elsewhere = `node ${name} is not a container on this machine: its routes can't be read from here (pod-matrix tests them with traffic)`;
  if (container === undefined) {
    findings.notObservable(elsewhere);
    return;
  }
  let routes: readonly Route[];
  try {
    const printed = await inNode(container, ["ip", "-N", "-json", "-4", "route", "show"]);
    if (printed === undefined) {
      findings.notObservable(elsewhere);
      return;
    }
    routes = routesIn(printed);
  } catch (error) {
    const [message] = readFailure(error);
    findings.unknown(`node ${name}: ${message}`, `Inspect it by hand: docker exec ${name} ip route`);
    return;
  }
  if (required.length === 0) {
    findings.notObservable(
      `node ${name}: the other clusters' pods are not in their nodes' subnets (pod-matrix tests them with traffic)`,
    );
    return;
  }
  const owners = await ownersOf(mesh);
  const ours = routes.some((route) => route.protocol === protocol);
  const needed = required.filter(({ optional }) => ours || !optional);
  const problems = needed.filter((destination) => !checkRoute(name, destination, routes, owners, findings));
  if (problems.length === 0) {
    findings.passed(`node ${name} has all ${String(needed.length)} routes`);
  }
}

function checkRoute(
  node: string,
  { cluster, what, subnet, hops, detours }: Destination,
  routes: readonly Route[],
  owners: ReadonlyMap<string, string>,
  findings: FindingCollector,
): boolean {
  const route = bestFor(subnet, routes);
  const where = `${subnet} (${what} of ${cluster})`;
  const between = findings.between(cluster);
  if (route === undefined) {
    between.failed(`node ${node} has no route to ${where}; it has to go via ${hops.join(" or ")}`, remedy);
    return false;
  }
  const gateways = [route.gateway, ...route.nexthops.map(({ gateway }) => gateway)].flatMap((gateway) => gateway ?? []);
  if (route.type !== "unicast" || gateways.length === 0) {
    const how = route.type === "unicast" ? `straight to ${route.dev ?? "a device"}` : `to nowhere (${route.type})`;
    between.failed(
      `node ${node} has a route to ${where} that leads ${how} instead of via ${hops.join(" or ")}`,
      remedy,
    );
    return false;
  }
  const wrong = gateways.filter((gateway) => !hops.includes(gateway));
  const [first] = wrong;
  if (first === undefined) {
    return true;
  }
  const whose = owners.get(first);
  const message = `node ${node} sends packets for ${where} to ${first}${whose === undefined ? ", which is not a node of the mesh" : ` (${whose})`} instead of ${hops.join(" or ")}`;
  if (wrong.every((gateway) => detours.includes(gateway))) {
    between.warning(`${message}: another node of the same cluster forwards them`, remedy);
  } else {
    between.failed(message, remedy);
  }
  return false;
}

/** Nodes by their addresses. */
async function ownersOf({ clusters }: Mesh): Promise<ReadonlyMap<string, string>> {
  const lists = await Promise.all(
    clusters.map(async (cluster) =>
      (await cluster.nodes().catch(() => [])).flatMap((node): [string, string][] =>
        node.addresses
          .filter(({ type }) => type === "InternalIP")
          .map(({ address }) => [address, `node ${node.name} of ${cluster.name}`]),
      ),
    ),
  );
  return new Map(lists.flat());
}

function routesIn(text: string): readonly Route[] {
  try {
    return Routes.parse(JSON.parse(text || "[]"));
  } catch {
    return [];
  }
}

/** The route that the kernel takes: of those that hold the whole subnet, the one with the longest prefix; not the default. */
function bestFor(subnet: string, routes: readonly Route[]): Route | undefined {
  const [network = "", length = "32"] = subnet.split("/");
  const fitting = routes.filter(({ dst }) => {
    const own = prefixOf(dst);
    return own > 0 && own <= Number(length) && holds(dst, network);
  });
  return fitting.toSorted((one, other) => prefixOf(other.dst) - prefixOf(one.dst))[0];
}

function prefixOf(destination: string): number {
  return destination === "default" ? 0 : Number(destination.split("/")[1] ?? "32");
}

function holds(subnet: string, address: string): boolean {
  const cidr = subnet.includes("/") ? subnet : `${subnet}/32`;
  if (!ipaddr.IPv4.isValidCIDR(cidr) || !ipaddr.IPv4.isValid(address)) {
    return false;
  }
  return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(cidr));
}

function internal({ addresses }: objects.Node): string | undefined {
  return addresses.find(({ type, address }) => type === "InternalIP" && isIPv4(address))?.address;
}
