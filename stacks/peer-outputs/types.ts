import type { Distribution } from "../../settings";

/** What a stack tells other stacks of itself, by the output of this name. It holds no secret, and no way into any cluster. */
export const meshPeerOutput = "meshPeer";
/** Version of that output's form. */
export const meshPeerVersion = 1;

/** Where a cluster's east-west Gateway is reached: `value` is an IP address or a DNS name, as `type` says. */
export interface ToldAddress {
  readonly type: "IPAddress" | "Hostname";
  readonly value: string;
  /** A port of its nodes, where they are what it is reached by. */
  readonly port?: number;
}

/** What a kind cluster is told by on its machine. */
export interface ToldKind {
  /** The name that kind knows it by. */
  readonly machineName: string;
  /** Whom its nodes say that they belong to. */
  readonly owner: string;
}

/** A cluster of another stack, as that stack tells of it; everything is what the settings of a stack could say. */
export interface ToldCluster {
  /** Its name in the mesh. */
  readonly name: string;
  readonly network: string;
  readonly trustDomain: string;
  /** IPv4 CIDRs, absent where they are not known. */
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
  readonly region?: string;
  readonly zone?: string;
  /** Context of a kubeconfig by which whoever has deployed it reaches it. */
  readonly context?: string;
  /** Absent where it has none, or none yet. */
  readonly address?: ToldAddress;
  /** There for a cluster that the stack has made with kind, with both subnets. */
  readonly kind?: ToldKind;
}

/** Roots that another stack tells of. */
export interface PeerRoots {
  /** PEM by name. */
  readonly trusted: ReadonlyMap<string, string>;
  /** Name of the one that signs: one of them. */
  readonly signing: string;
}

/** What another stack tells of itself. */
export interface Told {
  /** Full name of the stack. */
  readonly stack: string;
  /** Absent where the stack was last deployed before it told of that. */
  readonly distribution?: Distribution;
  /** Empty for a stack that only keeps the root; undefined for one that was destroyed, or has failed early. */
  readonly clusters?: readonly ToldCluster[];
  /** Absent where nobody knows. */
  readonly roots?: PeerRoots;
  /** Full name of the stack that it takes its root from. */
  readonly rootStack?: string;
}
