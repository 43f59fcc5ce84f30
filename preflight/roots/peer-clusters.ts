import { lookAtTrust, type TrustFacts } from "../../istio/index";
import { type Access, engineersAccess, KubeconfigError } from "../../kubernetes/index";
import { type PeerOutputs, peerOutputs } from "../../stacks/peer-outputs/index";

/** A stack of `peerStacks`; without what it tells where there is none that whoever runs this may see. */
export interface PeerStack {
  /** Full name. */
  readonly name: string;
  readonly told?: PeerOutputs;
}

/** What the clusters of peer stacks let see. */
export interface PeerLooks {
  readonly facts: readonly TrustFacts[];
  /** What could not be looked at: a sentence each. */
  readonly unseen: readonly string[];
}

/** @throws PreconditionError where what a stack tells can't be used. */
export function readPeers(peerStacks: readonly string[]): Promise<PeerStack[]> {
  return Promise.all(
    peerStacks.map(async (name) => {
      const told = await peerOutputs(name, "peerStacks");
      return told === undefined ? { name } : { name, told };
    }),
  );
}

/**
 * Looks at the clusters of peer stacks, as whoever runs this reaches them: by contexts of their own kubeconfig. A kubeconfig that
 * another stack hands out may run programs and read files, and is its administrator's.
 */
export async function lookAtPeers(peers: readonly PeerStack[]): Promise<PeerLooks> {
  const ways = peers.flatMap(({ name, told }) => (told?.clusters ?? []).map((cluster) => wayTo(name, cluster)));
  const facts = ways.flatMap((way) => ("access" in way ? [lookAtTrust(way.cluster, way.access)] : []));
  return {
    facts: await Promise.all(facts),
    unseen: [
      ...peers.flatMap(({ name, told }) =>
        told === undefined
          ? [
              `stack ${name}: there is none, or none that whoever runs this may read. Correct its name, log in to the backend that ` +
                "has it, or, where it is gone or yet to come, take it out of peerStacks.",
            ]
          : [],
      ),
      ...ways.flatMap((way) => ("fault" in way ? [way.fault] : [])),
    ],
  };
}

type Way = { readonly cluster: string; readonly access: Access } | { readonly fault: string };

function wayTo(stack: string, { name, context }: { readonly name: string; readonly context?: string }): Way {
  const where = `cluster ${name} of ${stack}`;
  if (context === undefined) {
    return { fault: `${where}: its stack names no context that it is reached by: run pulumi up on that stack.` };
  }
  try {
    return { cluster: name, access: engineersAccess(context) };
  } catch (error) {
    if (!(error instanceof KubeconfigError)) {
      throw error;
    }
    return {
      fault:
        `${where}: ${error.where} ${error.problem}. It is looked at by a context ${context} of your own kubeconfig: add one of that ` +
        "name which reaches it (of a kind cluster on this machine: kind export kubeconfig).",
    };
  }
}
