import { readTrust, type TrustState } from "../../istio";
import { type Access, engineersAccess, KubeconfigError } from "../../kubernetes";
import type { PeerOutputs } from "../../stacks/peer-outputs";
import type { Datum } from "../datum";

/** What clusters let see of what they sign with and trust. */
export interface Trust {
  readonly facts: readonly TrustState[];
  /** What could not be looked at: a sentence each. */
  readonly unseen: readonly string[];
}

/** The outputs of the stacks of `peerStacks`, by full name. */
export type PeerStackOutputs = ReadonlyMap<string, Datum<PeerOutputs>>;

/**
 * Reads the clusters of peer stacks, as whoever runs this reaches them: by contexts of their own kubeconfig. A kubeconfig that
 * another stack hands out may run programs and read files, and is its administrator's.
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

/** A stack that can't be seen may have clusters that depend on a root: it is never taken for one without clusters. */
function unseenStack(name: string, outputs: Datum<PeerOutputs>): string[] {
  switch (outputs.status) {
    case "known":
      return [];
    case "absent":
      return [
        `stack ${name}: there is none, or none that whoever runs this may read. Correct its name, log in to the backend that ` +
          "has it, or, where it is gone or yet to come, take it out of peerStacks.",
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
    return { problem: `${where}: its stack names no context that it is reached by: run pulumi up on that stack.` };
  }
  try {
    return { cluster: name, access: engineersAccess(context) };
  } catch (error) {
    if (!(error instanceof KubeconfigError)) {
      throw error;
    }
    return {
      problem:
        `${where}: ${error.where} ${error.problem}. It is looked at by a context ${context} of your own kubeconfig: add one of that ` +
        "name which reaches it (of a kind cluster on this machine: kind export kubeconfig).",
    };
  }
}
