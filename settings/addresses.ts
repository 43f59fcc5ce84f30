import { overlap, parseSubnet, type Subnet, subnetAt, subnetText } from "./ipv4";

/**
 * # The address plan
 *
 * Subnets that a stack leaves out are slots of the address pool. In the default pool, 10.0.0.0/8, pods get slots of /16 and
 * services slots of /24 in 10.255.0.0/16. The nth cluster of the stack prefers slot 10n in both (pods 10.<10n>.0.0/16,
 * services 10.255.<10n>.0/24); where there is no such slot (n > 25), or it is taken, it gets the lowest free one, counted
 * from 1; slot 0 comes last. That is room for 255 clusters.
 *
 * Another pool, of prefix length L, is divided alike. Its last block, of length max(16, L + 4), is the services':
 *
 * | L        | slots of pods | slots of services | clusters                  |
 * |----------|---------------|-------------------|---------------------------|
 * | 8 to 10  | /16           | /24               | 255, 127, 63              |
 * | 11 to 16 | /20           | /24               | 256, 240, 120, 60, 30, 15 |
 * | 17 to 18 | /22           | /26               | 30, 15                    |
 *
 * Given subnets win: a slot that overlaps any of them, wherever in the stack, is taken. So are the container engine's
 * networks. What a cluster gets depends on the clusters before it and on what is given: to append a cluster without
 * subnets of its own moves no other.
 */

/** Bounds of the pool's prefix length. */
export const poolPrefixes = { least: 8, most: 18 };

/** A node's share of its cluster's pod subnet: what kubeadm's controller manager gives each (--node-cidr-mask-size). */
const nodePrefix = 24;

/**
 * The pools that Docker takes its networks from unless told otherwise, kind's among them (default-address-pools in
 * https://docs.docker.com/reference/cli/dockerd/). A subnet in one of them may be cut off by the next network made.
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

/** What the plan is asked for by one cluster. */
export interface Wish {
  /** Whether left-out subnets are planned. Those of a cluster that was only found can't be. */
  readonly plan: boolean;
  readonly podSubnet?: Subnet | undefined;
  readonly serviceSubnet?: Subnet | undefined;
}

/** What one cluster has in the end. A subnet is absent where it was neither given nor to be planned, or nothing was free. */
export interface Addresses {
  readonly podSubnet?: Subnet | undefined;
  readonly serviceSubnet?: Subnet | undefined;
}

/** Plans what was left out. `wishes` are all clusters of the stack in their order; the result is in the same order. */
export function planAddresses(pool: Subnet, wishes: readonly Wish[]): readonly Addresses[] {
  const given = wishes.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]);
  const taken = [...containerNetworks, ...given.filter((subnet) => subnet !== undefined)];
  const { pods, services } = divide(pool);
  const free = { pods: freeSlots(pods, taken), services: freeSlots(services, taken) };
  return wishes.map(({ plan, podSubnet, serviceSubnet }, index) => {
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

/** Numbers of the slots that overlap nothing in `taken`, in the order in which they are given away. */
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
