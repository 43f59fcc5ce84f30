import { IPv4, IPv6 } from "ipaddr.js";
import type { Verdict } from "./faults";

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
 * @throws Error when `text` is none; {@link subnetFault} says why.
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

/** Whether a subnet lies in another one as a whole. */
export function contains(whole: Subnet, part: Subnet): boolean {
  return whole.first <= part.first && part.last <= whole.last;
}

/** Addresses that pods and services can't have: this host, loopback, link-local, multicast and reserved (RFC 6890). */
const unusable = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"].map(parseSubnet);

/** What is wrong with `text` as a subnet of pods or services; undefined when nothing is. */
export function subnetFault(text: string): Verdict | undefined {
  if (IPv6.isValid(text) || IPv6.isValidCIDR(text)) {
    return { problem: "is IPv6; the flat network is IPv4 only", remedy: "write an IPv4 subnet, such as 10.10.0.0/16" };
  }
  if (!IPv4.isValidCIDRFourPartDecimal(text)) {
    return { problem: "is no subnet", remedy: "write address/prefix, such as 10.10.0.0/16" };
  }
  const network = IPv4.networkAddressFromCIDR(text).toString();
  const subnet = parseSubnet(text);
  const right = `${network}/${String(subnet.prefix)}`;
  if (right !== text) {
    return { problem: "has host bits set", remedy: `write ${right}, or the prefix that was meant` };
  }
  const reserved = unusable.find((range) => overlap(range, subnet));
  return (
    reserved && {
      problem: `contains addresses of ${subnetText(reserved)}, which no pod or service can have`,
      remedy: "write a private subnet, such as 10.10.0.0/16",
    }
  );
}
