import type { DocsSection } from "../settings";
import { failure, type Problem, warning } from "./problems";

/** What the program is run for. */
export type Run = "preview" | "update";

/**
 * What to do without a datum: stop before anything is made; go on with what the stack's state and outputs have, and say so; or go
 * on so without a word, where a preview elsewhere is an everyday thing.
 */
type Action = "refuse" | "warn" | "keep";

interface Policy {
  readonly preview: Action;
  readonly update: Action;
  /** What the plan takes in its place. */
  readonly instead: string;
}

/**
 * What it means that something could not be looked at, for each kind of datum. Nothing else decides that.
 *
 * A preview changes nothing, so it goes on wherever the state has something to go on with; an update does so only where what it
 * would do is right whatever the datum is.
 */
export const whenUnavailable = {
  /** Own state and outputs: without them every cluster would be taken for new. */
  ownStack: { preview: "refuse", update: "refuse", instead: "nothing" },
  /** Outputs of a stack of `peerStacks` that links lead to. */
  linkedPeerStack: { preview: "warn", update: "refuse", instead: "the links to it, as the state has them" },
  /** Outputs of a stack of `peerStacks` that no link leads to. */
  unlinkedPeerStack: { preview: "warn", update: "refuse", instead: "a stack without clusters" },
  /** Outputs of the stack of `root.stack`. */
  rootStack: { preview: "refuse", update: "refuse", instead: "nothing" },
  /** What stands in an existing cluster that the mesh is yet to be put into. */
  newCluster: { preview: "warn", update: "refuse", instead: "an empty cluster" },
  /** What stands in an existing cluster that has the stack's mesh. */
  meshCluster: { preview: "warn", update: "warn", instead: "the cluster as the stack has left it" },
  /** The same of both, where the API server answers and does not allow the question: installing a mesh takes more rights. */
  clusterRights: { preview: "warn", update: "refuse", instead: "the cluster as the stack has left it" },
  /** The kind clusters, their nodes and the images of this machine: a preview may run on any other. */
  machine: { preview: "keep", update: "refuse", instead: "kind clusters, routes and images as the state has them" },
  /** Address of an east-west Gateway by now. */
  eastWestAddress: { preview: "keep", update: "keep", instead: "the address that the stack last told its peers" },
  /** What signs in a cluster, and what its workloads trust, where a root begins to sign or is dropped. */
  clusterTrust: { preview: "warn", update: "refuse", instead: "nothing" },
  /** The certificates that somebody else has kept so far, where this stack begins to sign. */
  externalCacerts: { preview: "warn", update: "refuse", instead: "nothing" },
} as const satisfies Record<string, Policy>;

/** What a message is of: see {@link whenUnavailable}. */
export type DatumKind = keyof typeof whenUnavailable;

/** What is to be said of a datum that could not be looked at. */
export function withoutDatum(kind: DatumKind, run: Run, message: string, see: DocsSection): readonly Problem[] {
  switch (whenUnavailable[kind][run]) {
    case "refuse":
      return [failure(message, see)];
    case "warn":
      return [warning(message)];
    case "keep":
      return [];
  }
}
