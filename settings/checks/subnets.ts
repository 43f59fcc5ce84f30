import { type Addresses, containerNetworks, nodesIn, planAddresses, poolPrefixes, type Wish } from "../addresses";
import type { Draft } from "../draft";
import type { Faults } from "../faults";
import { overlap, parseSubnet, type Subnet, subnetText } from "../ipv4";

/** What a subnet of a made cluster may be: kubeadm and the API server refuse others. */
const bounds = {
  podSubnet: { largest: 8, smallest: 24, why: "every node takes a /24 of it, of 65536 at most" },
  serviceSubnet: { largest: 12, smallest: 28, why: "kubeadm takes no other size" },
} as const;

export const subnetKinds = ["podSubnet", "serviceSubnet"] as const;

interface Given {
  readonly path: string;
  readonly subnet: Subnet;
}

/**
 * Subnets overlap neither one another nor, for kind, the container network, and have room for their nodes.
 *
 * @returns Every cluster's subnets with what was left out planned; an entry a cluster.
 */
export function checkSubnets(draft: Draft, faults: Faults): readonly Addresses[] {
  const wishes = draft.clusters.map(({ provisioner, podSubnet, serviceSubnet }) => ({
    plan: provisioner === "kind" || provisioner === "kwok",
    podSubnet: podSubnet === undefined ? undefined : parseSubnet(podSubnet),
    serviceSubnet: serviceSubnet === undefined ? undefined : parseSubnet(serviceSubnet),
  }));
  const given: Given[] = [];
  wishes.forEach((wish, index) => {
    for (const kind of subnetKinds) {
      const subnet = wish[kind];
      if (subnet) {
        const one = { path: `clusters[${String(index)}].${kind}`, subnet };
        checkOverlap(one, given, faults);
        given.push(one);
        if (wish.plan) {
          checkSize(one, kind, faults);
        }
        if (draft.clusters[index]?.provisioner === "kind") {
          checkContainerNetwork(one, faults);
        }
      }
    }
  });

  const addresses = plan(draft, wishes, faults);
  addresses.forEach((cluster, index) => {
    checkRoom(draft, index, cluster.podSubnet, faults);
  });
  return addresses;
}

function plan(draft: Draft, wishes: readonly Wish[], faults: Faults): readonly Addresses[] {
  const pool = readPool(draft, faults);
  if (!pool) {
    return wishes;
  }
  const addresses = planAddresses(pool, wishes);
  const unplanned = wishes.filter(({ plan }, index) =>
    subnetKinds.some((kind) => plan && addresses[index]?.[kind] === undefined),
  );
  if (unplanned.length > 0) {
    faults.add({
      path: "addressPool",
      value: subnetText(pool),
      problem: `has no free subnets left for ${String(unplanned.length)} of ${String(wishes.length)} clusters`,
      remedy:
        "take a larger pool, outside the container engine's networks (172.17.0.0 to 172.31.255.255 and 192.168.0.0/16), " +
        "or give podSubnet and serviceSubnet",
    });
  }
  return addresses;
}

function checkOverlap({ path, subnet }: Given, before: readonly Given[], faults: Faults): void {
  for (const other of before.filter((one) => overlap(one.subnet, subnet))) {
    faults.add({
      path,
      value: subnetText(subnet),
      problem: `overlaps ${other.path} (${subnetText(other.subnet)})`,
      remedy: "give every cluster subnets of its own on the flat network, or leave one out to have it planned",
    });
  }
}

/** Whether a cluster that the stack makes can have a subnet of this size; a subnet that is left out fits. */
export function fitsMadeCluster(kind: (typeof subnetKinds)[number], subnet: string | undefined): boolean {
  const prefix = subnet === undefined ? undefined : parseSubnet(subnet).prefix;
  return prefix === undefined || (prefix >= bounds[kind].largest && prefix <= bounds[kind].smallest);
}

function checkSize({ path, subnet }: Given, kind: (typeof subnetKinds)[number], faults: Faults): void {
  const { largest, smallest, why } = bounds[kind];
  if (subnet.prefix < largest || subnet.prefix > smallest) {
    faults.add({
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

function checkContainerNetwork({ path, subnet }: Given, faults: Faults): void {
  const network = containerNetworkIn(subnet);
  if (network) {
    faults.add({
      path,
      value: subnetText(subnet),
      problem: `overlaps ${subnetText(network)}, which the container engine takes its networks from`,
      remedy: "write a subnet outside 172.17.0.0 to 172.31.255.255 and 192.168.0.0/16",
    });
  }
}

function checkRoom({ clusters }: Draft, index: number, podSubnet: Subnet | undefined, faults: Faults): void {
  const { provisioner, controlPlanes = 1, workers = 0, podSubnet: given } = clusters[index] ?? {};
  const nodes = controlPlanes + workers;
  if (!podSubnet || provisioner === "existing" || nodes <= nodesIn(podSubnet) || podSubnet.prefix > 24) {
    return;
  }
  faults.add({
    path: `clusters[${String(index)}].podSubnet`,
    value: subnetText(podSubnet),
    problem: `${given === undefined ? "(planned) " : ""}has room for ${String(nodesIn(podSubnet))} nodes, a /24 each, and the cluster has ${String(nodes)}`,
    remedy: `give one of /${String(24 - Math.ceil(Math.log2(nodes)))} or larger, or fewer nodes`,
  });
}

function readPool({ whole }: Draft, faults: Faults): Subnet | undefined {
  if (whole.addressPool === undefined) {
    return undefined;
  }
  const pool = parseSubnet(whole.addressPool);
  const { least, most } = poolPrefixes;
  if (pool.prefix >= least && pool.prefix <= most) {
    return pool;
  }
  faults.add({
    path: "addressPool",
    value: whole.addressPool,
    problem: "has a size that the plan can't divide",
    remedy: `write a subnet of /${String(least)} to /${String(most)}, such as 10.0.0.0/8`,
  });
  return undefined;
}
