import { IPv4 } from "ipaddr.js";
import { contains, parseSubnet, type Subnet, subnetAt, subnetText } from "../../settings";

/** An IPv4 subnet without host bits; undefined where the text is none, as for one of IPv6. */
export function readSubnet(text: string): Subnet | undefined {
  const trimmed = text.trim();
  if (!IPv4.isValidCIDR(trimmed)) {
    return undefined;
  }
  const { first, prefix } = parseSubnet(trimmed);
  return subnetAt(first - (first % 2 ** (32 - prefix)), prefix);
}

/** Those of several texts that are IPv4 subnets. */
export function readSubnets(texts: readonly string[]): Subnet[] {
  return texts.flatMap((text) => readSubnet(text) ?? []);
}

/** Whether every address of a subnet is in one of several others. */
export function covered(part: Subnet, by: readonly Subnet[]): boolean {
  let next = part.first;
  for (const { first, last } of by.toSorted((one, other) => one.first - other.first)) {
    if (first <= next && next <= last) {
      next = last + 1;
    }
  }
  return next > part.last;
}

/** The smallest subnet that holds all of these; undefined of none. */
export function around(subnets: readonly Subnet[]): Subnet | undefined {
  const [one] = subnets;
  if (one === undefined) {
    return undefined;
  }
  const wider = ({ first, prefix }: Subnet) => subnetAt(first - (first % 2 ** (33 - prefix)), prefix - 1);
  let whole = one;
  while (!subnets.every((subnet) => contains(whole, subnet))) {
    whole = wider(whole);
  }
  return whole;
}

/** The same addresses in as few subnets as there can be. */
export function joined(texts: readonly string[]): string[] {
  const kept: Subnet[] = [];
  for (const subnet of readSubnets(texts).toSorted(
    (one, other) => one.first - other.first || one.prefix - other.prefix,
  )) {
    if (!kept.some((one) => contains(one, subnet))) {
      kept.push(subnet);
    }
    for (let [half, other] = kept.slice(-2); half && other; [half, other] = kept.slice(-2)) {
      const both = around([half, other]);
      if (half.prefix !== other.prefix || both?.prefix !== half.prefix - 1) {
        break;
      }
      kept.splice(-2, 2, both);
    }
  }
  return kept.map(subnetText);
}

/**
 * The subnets that a cluster gives addresses of to its pods: its nodes', or none where its pods have others, as with a network plugin that
 * manages addresses by itself.
 */
export function subnetsInUse(ofNodes: readonly string[], podAddresses: readonly string[]): string[] {
  const nodes = readSubnets(ofNodes);
  const used = podAddresses.some((address) => readSubnets([`${address}/32`]).some((one) => covered(one, nodes)));
  return used ? joined(ofNodes) : [];
}
