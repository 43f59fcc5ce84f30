import { IPv4 } from "ipaddr.js";
import type { PartialCluster, PartialConfig, Report } from "./issues";

// ipaddr.js reads and validates; the arithmetic is plain numbers, since neither it nor netmask can number the slots of a range or
// compare two ranges. netmask also takes "10.1", "0x0a" and octal octets for addresses, which other tools would read differently.

/** A subnet as numbers: its first and last address (0 to 2³²−1), and its prefix length. */
export interface Subnet {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** The subnet of this prefix length that starts at `first`, an address without host bits. */
export function subnetAt(first: number, prefix: number): Subnet {
  return { first, last: first + 2 ** (32 - prefix) - 1, prefix };
}

/**
 * Reads an IPv4 subnet such as `10.10.0.0/16`.
 *
 * @throws Error when `text` is not one; `subnetProblem` says why.
 */
export function parseSubnet(text: string): Subnet {
  const [address, prefix] = IPv4.parseCIDR(text);
  return subnetAt(
    address.octets.reduce((number, octet) => number * 256 + octet, 0),
    prefix,
  );
}

/** `10.10.0.0/16` */
export function subnetText({ first, prefix }: Subnet): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join(".")}/${String(prefix)}`;
}

/** Whether two subnets share an address. */
export function overlap(a: Subnet, b: Subnet): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Whether the whole of one subnet lies in another. */
export function contains(whole: Subnet, part: Subnet): boolean {
  return whole.first <= part.first && part.last <= whole.last;
}

/**
 * # The address plan
 *
 * Subnets that a stack leaves out are slots of the address pool. In the default pool, 10.0.0.0/8, pods get slots of /16 and
 * services slots of /24 in 10.255.0.0/16. The nth cluster of the stack prefers slot 10n in both (pods 10.<10n>.0.0/16,
 * services 10.255.<10n>.0/24). If there is no such slot (n > 25), or it is taken, it gets the lowest free one, counted
 * from 1; slot 0 comes last. That is room for 255 clusters.
 *
 * Another pool, of prefix length L, is divided in the same way. Its last block, of length max(16, L + 4), is for services:
 *
 * | L        | slots of pods | slots of services | clusters                  |
 * |----------|---------------|-------------------|---------------------------|
 * | 8 to 10  | /16           | /24               | 255, 127, 63              |
 * | 11 to 16 | /20           | /24               | 256, 240, 120, 60, 30, 15 |
 * | 17 to 18 | /22           | /26               | 30, 15                    |
 *
 * Given subnets come first: a slot that overlaps any of them, wherever in the stack, is taken. So are the container engine's
 * networks. What a cluster gets depends on the clusters before it and on what is given: appending a cluster without
 * subnets of its own changes those of no other.
 */

/** Bounds of the pool's prefix length. */
export const poolPrefixes = { least: 8, most: 18 };

/** A node's share of its cluster's pod subnet: what kubeadm's controller manager gives each (--node-cidr-mask-size). */
const nodePrefix = 24;

/**
 * The pools that Docker takes its networks from by default, kind's among them (default-address-pools in
 * https://docs.docker.com/reference/cli/dockerd/). A subnet in one of them may be cut off by the next network that is created.
 */
export const containerNetworks: readonly Subnet[] = [
  "172.17.0.0/16",
  "172.18.0.0/16",
  "172.19.0.0/16",
  "172.20.0.0/14",
  "172.24.0.0/14",
  "172.28.0.0/14",
  "192.168.0.0/16",
].map(parseSubnet);

/** What one cluster asks the plan for. */
export interface SubnetRequest {
  /** Whether left-out subnets are planned. Those of an existing cluster can't be. */
  readonly plan: boolean;
  readonly podSubnet?: Subnet | undefined;
  readonly serviceSubnet?: Subnet | undefined;
}

/** The subnets of one cluster. One is absent if it was neither given nor to be planned, or if nothing was free. */
export interface ClusterSubnets {
  readonly podSubnet?: Subnet | undefined;
  readonly serviceSubnet?: Subnet | undefined;
}

/**
 * Plans the subnets that were left out. `requests` are all clusters of the stack in their order; the result has the same order.
 *
 * @param occupied What else a planned subnet may not overlap.
 */
export function planAddresses(
  pool: Subnet,
  requests: readonly SubnetRequest[],
  occupied: readonly Subnet[] = [],
): readonly ClusterSubnets[] {
  const given = requests.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]);
  const taken = [...containerNetworks, ...occupied, ...given.filter((subnet) => subnet !== undefined)];
  const { pods, services } = divide(pool);
  const free = { pods: freeSlots(pods, taken), services: freeSlots(services, taken) };
  return requests.map(({ plan, podSubnet, serviceSubnet }, index) => {
    const preferred = 10 * (index + 1);
    return plan
      ? {
          podSubnet: podSubnet ?? take(pods, free.pods, preferred),
          serviceSubnet: serviceSubnet ?? take(services, free.services, preferred),
        }
      : { podSubnet, serviceSubnet };
  });
}

/** Equal slots, `count` of them from `first` on. */
interface Slots {
  readonly first: number;
  readonly count: number;
  readonly prefix: number;
}

function divide(pool: Subnet): { readonly pods: Slots; readonly services: Slots } {
  const last = subnetAt(pool.last + 1 - 2 ** (32 - blockPrefix(pool)), blockPrefix(pool));
  const podPrefix = pool.prefix <= 10 ? 16 : pool.prefix <= 16 ? 20 : 22;
  const servicePrefix = pool.prefix <= 16 ? 24 : 26;
  return {
    pods: { first: pool.first, count: (last.first - pool.first) / 2 ** (32 - podPrefix), prefix: podPrefix },
    services: { first: last.first, count: 2 ** (servicePrefix - last.prefix), prefix: servicePrefix },
  };
}

function blockPrefix(pool: Subnet): number {
  return Math.max(16, pool.prefix + 4);
}

function slot({ first, prefix }: Slots, number: number): Subnet {
  return subnetAt(first + number * 2 ** (32 - prefix), prefix);
}

/** Numbers of the slots that overlap nothing in `taken`, in the order in which they are assigned. */
function freeSlots(slots: Slots, taken: readonly Subnet[]): Set<number> {
  const numbers = Array.from({ length: slots.count }, (_, index) => (index + 1) % slots.count);
  return new Set(numbers.filter((number) => !taken.some((subnet) => overlap(subnet, slot(slots, number)))));
}

/** Takes the preferred slot, or else the first free one; undefined when none is free. */
function take(slots: Slots, free: Set<number>, preferred: number): Subnet | undefined {
  const [first] = free;
  const number = free.has(preferred) ? preferred : first;
  if (number === undefined) {
    return undefined;
  }
  free.delete(number);
  return slot(slots, number);
}

/** How many nodes a pod subnet has room for. */
export function nodesIn(podSubnet: Subnet): number {
  return 2 ** Math.max(0, nodePrefix - podSubnet.prefix);
}

/** The last usable address of a subnet: `10.255.10.254` of `10.255.10.0/24`. */
export function lastAddress(subnet: string): string {
  const { last } = parseSubnet(subnet);
  return subnetText(subnetAt(last - 1, 32)).replace("/32", "");
}

/** The shares of a cluster's first `count` nodes, /24 each: `10.10.0.0/24`, `10.10.1.0/24` and so on. */
export function nodeSubnets(podSubnet: string, count: number): readonly string[] {
  const { first } = parseSubnet(podSubnet);
  return Array.from({ length: count }, (_, index) =>
    subnetText(subnetAt(first + index * 2 ** (32 - nodePrefix), nodePrefix)),
  );
}

/** What the subnets of a cluster that the stack creates may be: kubeadm and the API server refuse others. */
const bounds = {
  podSubnet: { largest: 8, smallest: 24, why: "every node takes a /24 of it, of 65536 at most" },
  serviceSubnet: { largest: 12, smallest: 28, why: "kubeadm accepts no other size" },
} as const;

export const subnetKinds = ["podSubnet", "serviceSubnet"] as const;

interface GivenSubnet {
  readonly path: PropertyKey[];
  /** The path as messages have it. */
  readonly key: string;
  readonly subnet: Subnet;
}

/** What a cluster asks the plan for. */
export function subnetRequest({ provisioner, podSubnet, serviceSubnet }: PartialCluster): SubnetRequest {
  return {
    plan: provisioner === "kind" || provisioner === "kwok",
    podSubnet: podSubnet === undefined ? undefined : parseSubnet(podSubnet),
    serviceSubnet: serviceSubnet === undefined ? undefined : parseSubnet(serviceSubnet),
  };
}

/** Subnets overlap neither one another nor, for kind, the container network, and have room for their nodes. */
export function checkSubnets(config: PartialConfig, report: Report): void {
  const requests = config.clusters.map(subnetRequest);
  const given: GivenSubnet[] = [];
  requests.forEach((request, index) => {
    for (const kind of subnetKinds) {
      const subnet = request[kind];
      if (subnet) {
        const one = { path: ["clusters", index, kind], key: `clusters[${String(index)}].${kind}`, subnet };
        checkOverlap(one, given, report);
        given.push(one);
        if (request.plan) {
          checkSize(one, kind, report);
        }
        if (config.clusters[index]?.provisioner === "kind") {
          checkContainerNetwork(one, report);
        }
      }
    }
  });
  checkPlan(config, requests, report).forEach(({ podSubnet }, index) => {
    checkRoom(config, index, podSubnet, report);
  });
}

/** The pool has room for what was left out. Returns the plan, or only the given subnets where the pool can't be used. */
function checkPlan(
  { valid }: PartialConfig,
  requests: readonly SubnetRequest[],
  report: Report,
): readonly ClusterSubnets[] {
  if (valid.addressPool === undefined) {
    return requests;
  }
  const pool = parseSubnet(valid.addressPool);
  const { least, most } = poolPrefixes;
  if (pool.prefix < least || pool.prefix > most) {
    report({
      path: ["addressPool"],
      value: valid.addressPool,
      problem: "has a size that the plan can't divide",
      remedy: `write a subnet of /${String(least)} to /${String(most)}, such as 10.0.0.0/8`,
    });
    return requests;
  }
  const plan = planAddresses(pool, requests);
  const unplanned = requests.filter((request, index) =>
    subnetKinds.some((kind) => request.plan && plan[index]?.[kind] === undefined),
  );
  if (unplanned.length > 0) {
    report({
      path: ["addressPool"],
      value: subnetText(pool),
      problem: `has no free subnets left for ${String(unplanned.length)} of ${String(requests.length)} clusters`,
      remedy:
        "take a larger pool, outside the container engine's networks (172.17.0.0 to 172.31.255.255 and 192.168.0.0/16), " +
        "or give podSubnet and serviceSubnet",
    });
  }
  return plan;
}

function checkOverlap({ path, subnet }: GivenSubnet, before: readonly GivenSubnet[], report: Report): void {
  for (const other of before.filter((one) => overlap(one.subnet, subnet))) {
    report({
      path,
      value: subnetText(subnet),
      problem: `overlaps ${other.key} (${subnetText(other.subnet)})`,
      remedy: "give every cluster subnets of its own on the flat network, or leave one out to have it planned",
    });
  }
}

/** Whether a cluster that the stack creates can have a subnet of this size; a subnet that is left out fits. */
export function fitsMadeCluster(kind: (typeof subnetKinds)[number], subnet: string | undefined): boolean {
  const prefix = subnet === undefined ? undefined : parseSubnet(subnet).prefix;
  return prefix === undefined || (prefix >= bounds[kind].largest && prefix <= bounds[kind].smallest);
}

function checkSize({ path, subnet }: GivenSubnet, kind: (typeof subnetKinds)[number], report: Report): void {
  const { largest, smallest, why } = bounds[kind];
  if (subnet.prefix < largest || subnet.prefix > smallest) {
    report({
      path,
      value: subnetText(subnet),
      problem: `is too ${subnet.prefix < largest ? "large" : "small"}: ${why}`,
      remedy: `write a subnet of /${String(largest)} to /${String(smallest)}`,
    });
  }
}

/** The container engine's network that a subnet shares addresses with, if any. */
export function containerNetworkIn(subnet: Subnet): Subnet | undefined {
  return containerNetworks.find((range) => overlap(range, subnet));
}

function checkContainerNetwork({ path, subnet }: GivenSubnet, report: Report): void {
  const network = containerNetworkIn(subnet);
  if (network) {
    report({
      path,
      value: subnetText(subnet),
      problem: `overlaps ${subnetText(network)}, which the container engine takes its networks from`,
      remedy: "write a subnet outside 172.17.0.0 to 172.31.255.255 and 192.168.0.0/16",
    });
  }
}

function checkRoom({ clusters }: PartialConfig, index: number, podSubnet: Subnet | undefined, report: Report): void {
  const { provisioner, controlPlanes = 1, workers = 0, podSubnet: given } = clusters[index] ?? {};
  const nodes = controlPlanes + workers;
  if (!podSubnet || provisioner === "existing" || nodes <= nodesIn(podSubnet) || podSubnet.prefix > 24) {
    return;
  }
  report({
    path: ["clusters", index, "podSubnet"],
    value: subnetText(podSubnet),
    problem: `${given === undefined ? "(planned) " : ""}has room for ${String(nodesIn(podSubnet))} nodes, a /24 each, but the cluster has ${String(nodes)}`,
    remedy: `give one of /${String(24 - Math.ceil(Math.log2(nodes)))} or larger, or fewer nodes`,
  });
}
