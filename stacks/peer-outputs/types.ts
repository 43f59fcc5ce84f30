import type { Distribution } from "../../settings";

/** The output by which a stack describes itself to others. It holds no secret, and no access to any cluster. */
export const meshPeerOutput = "meshPeer";
/** Version of that output's format. */
export const meshPeerVersion = 1;

/** Where a cluster's east-west Gateway is reached: `value` is an IP address or a DNS name, as `type` says. */
export interface PeerAddress {
  readonly type: "IPAddress" | "Hostname";
  readonly value: string;
  /** A port of the nodes, where they are the address. */
  readonly port?: number;
}

/** What identifies a kind cluster on its machine. */
export interface PeerKindCluster {
  /** The name that kind knows it by. */
  readonly machineName: string;
  /** The owner that its nodes are marked with. */
  readonly owner: string;
}

/** A cluster of another stack, as that stack describes it. Every value is one that settings could have. */
export interface MeshPeerCluster {
  /** Its name in the mesh. */
  readonly name: string;
  readonly network: string;
  readonly trustDomain: string;
  /** IPv4 CIDRs; absent if not known. */
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
  readonly region?: string;
  readonly zone?: string;
  /** The context by which whoever deployed it reaches it. */
  readonly context?: string;
  /** Absent if it has none, or none yet. */
  readonly address?: PeerAddress;
  /** Present for a kind cluster of the stack, together with both subnets. */
  readonly kind?: PeerKindCluster;
}

/** The roots that another stack trusts. */
export interface PeerRoots {
  /** PEM by name. */
  readonly trusted: ReadonlyMap<string, string>;
  /** Name of the one that signs; one of `trusted`. */
  readonly signing: string;
}

/** What another stack publishes for its peers. */
export interface MeshPeer {
  /** Full name of the stack. */
  readonly stack: string;
  /** Absent if the stack was last deployed by a version that did not publish it. */
  readonly distribution?: Distribution;
  /** Empty for a stack that only keeps the root; undefined for one that was destroyed, or failed early. */
  readonly clusters?: readonly MeshPeerCluster[];
  /** Absent if not known. */
  readonly roots?: PeerRoots;
  /** Full name of the stack that it takes its root from. */
  readonly rootStack?: string;
}
