import { readTrust, type TrustState } from "../../istio";
import { type Access, engineersAccess, KubeconfigError } from "../../kubernetes";
import type { PeerOutputs } from "../../stacks/peer-outputs";
import type { Datum } from "../datum";

/** What clusters sign with and trust, as far as it can be read. */
export interface Trust {
  readonly facts: readonly TrustState[];
  /** What could not be read: a sentence each. */
  readonly unseen: readonly string[];
}

/** The outputs of the stacks of `peerStacks`, by full name. */
export type PeerStackOutputs = ReadonlyMap<string, Datum<PeerOutputs>>;

/**
 * Reads the clusters of peer stacks through the contexts in the kubeconfig of whoever runs this. A kubeconfig from another stack
 * could run programs and read files, and would belong to that stack's administrator.
 */
export async function readPeerTrust(peers: PeerStackOutputs): Promise<Trust> {
  const clusters = [...peers].flatMap(([name, outputs]) =>
    outputs.status === "known" ? (outputs.value.clusters ?? []).map((cluster) => accessToPeer(name, cluster)) : [],
  );
  const facts = clusters.flatMap((one) => ("access" in one ? [readTrust(one.cluster, one.access)] : []));
  return {
    facts: await Promise.all(facts),
    unseen: [
      ...[...peers].flatMap(([name, outputs]) => unseenStack(name, outputs)),
      ...clusters.flatMap((one) => ("problem" in one ? [one.problem] : [])),
    ],
  };
}

/** A stack that can't be seen may have clusters that depend on a root, so it never counts as one without clusters. */
function unseenStack(name: string, outputs: Datum<PeerOutputs>): string[] {
  switch (outputs.status) {
    case "known":
      return [];
    case "absent":
      return [
        `stack ${name}: it does not exist, or whoever runs this may not read it. Correct its name, log in to the backend that ` +
          "has it, or, if it is gone or not deployed yet, take it out of peerStacks.",
      ];
    case "unavailable":
      return [`stack ${name}: its outputs can't be read (${outputs.reason}).`];
  }
}

type PeerClusterAccess = { readonly cluster: string; readonly access: Access } | { readonly problem: string };

function accessToPeer(
  stack: string,
  { name, context }: { readonly name: string; readonly context?: string },
): PeerClusterAccess {
  const where = `cluster ${name} of ${stack}`;
  if (context === undefined) {
    return { problem: `${where}: its stack names no context for it: run pulumi up on that stack.` };
  }
  try {
    return { cluster: name, access: engineersAccess(context) };
  } catch (error) {
    if (!(error instanceof KubeconfigError)) {
      throw error;
    }
    return {
      problem:
        `${where}: ${error.where} ${error.problem}. It is read through context ${context} of your own kubeconfig: add one of that ` +
        "name which reaches it (for a kind cluster on this machine: kind export kubeconfig).",
    };
  }
}
