import type { Subnet } from "../../settings";
import type { Masquerading } from "./reading";
import { covered, readSubnet, readSubnets } from "./subnets";

/** Pods of another cluster, as far as their subnets are known. */
export interface OtherPods {
  readonly cluster: string;
  /** IPv4 CIDRs. */
  readonly subnets: readonly string[];
}

/** Writes a command of kubectl, complete, for a shell. */
export type Kubectl = (...words: readonly string[]) => string;

/** Something that masquerades: towards what it doesn't spare, pods are seen by an address of their node. */
export interface Masquerader {
  /** What it is, such as `Calico`. */
  readonly what: string;
  /** The object and the setting that say so, without a full stop. */
  readonly why: string;
  /** Where nobody can tell for sure: when it is so, such as `where they are outside of its own VPC`. */
  readonly only?: string;
  /** Whether pods keep their addresses on the way to a subnet. */
  readonly spares: (subnet: Subnet) => boolean;
  /** What has it spare these subnets too: sentences. */
  readonly remedy: (missing: readonly OtherPods[], kubectl: Kubectl) => string;
}

/**
 * Finds one component in a cluster, where it is there and masquerades.
 *
 * @param pods The subnet of the cluster's own pods, where that is known.
 */
export type Component = (found: Masquerading, pods: string | undefined) => readonly Masquerader[];

export function sparing(texts: readonly string[]): Masquerader["spares"] {
  const spared = readSubnets(texts);
  return (subnet) => covered(subnet, spared);
}

/** All subnets of these. */
export function subnetsOf(missing: readonly OtherPods[]): string[] {
  return missing.flatMap(({ subnets }) => subnets);
}

/**
 * Whether a subnet may be of the same cloud network as the nodes: a network's own ranges are no larger than /16 in AWS ("VPC CIDR blocks"
 * in its documentation), and may be several. What is in the same /16 as a node is taken to be near.
 */
export function mayBeNear({ nodeAddresses }: Masquerading): (subnet: Subnet) => boolean {
  const near = nodeAddresses.flatMap((address) => readSubnet(`${address}/16`) ?? []);
  return (subnet) => covered(subnet, near);
}
