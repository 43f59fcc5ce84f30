import type { DocsSection } from "../diagnostics";
import { failure, type Problem, warning } from "./problems";

/** What the program is run for. */
export type Run = "preview" | "update";

/**
 * What to do without a datum: stop before anything is created; continue with what the stack's state and outputs have, and warn; or
 * continue silently, where previews on another machine are common.
 */
type Action = "refuse" | "warn" | "keep";

interface Policy {
  /** Describes the datum, for the documents. */
  readonly what: string;
  readonly preview: Action;
  readonly update: Action;
  /** What the plan uses in its place; absent if nothing can be used. */
  readonly instead?: string;
}

/**
 * What happens if a datum can't be read, for each kind of datum. Nothing else decides that.
 *
 * A preview changes nothing, so it continues wherever the state has something to continue with; an update does so only if what it
 * would do is right whatever the datum is.
 */
export const whenUnavailable = {
  ownStack: { what: "the stack's own state and outputs", preview: "refuse", update: "refuse" },
  rootStack: { what: "the outputs of the stack of `root.stack`", preview: "refuse", update: "refuse" },
  linkedPeerStack: {
    what: "the outputs of a stack of `peerStacks` that links lead to",
    preview: "warn",
    update: "refuse",
    instead: "the links to it, as the state has them",
  },
  unlinkedPeerStack: {
    what: "the outputs of any other stack of `peerStacks`",
    preview: "warn",
    update: "refuse",
    instead: "a stack without clusters",
  },
  kubeconfigOutput: {
    what: "the output of another stack that is an existing cluster's kubeconfig",
    preview: "warn",
    update: "refuse",
    instead: "the kubeconfig that the state has, or one that is not known yet",
  },
  newCluster: {
    what: "what stands in an existing cluster that has no mesh of the stack yet",
    preview: "warn",
    update: "refuse",
    instead: "an empty cluster",
  },
  meshCluster: {
    what: "what stands in an existing cluster that has the stack's mesh",
    preview: "warn",
    update: "warn",
    instead: "the cluster as the stack left it",
  },
  clusterRights: {
    what: "the same, where the API server answers and refuses the question",
    preview: "warn",
    update: "refuse",
    instead: "the cluster as the stack left it",
  },
  clusterFitness: {
    what: "what in an existing cluster could keep a new mesh from working: quotas, network policies and the like",
    preview: "warn",
    update: "warn",
    instead: "nothing that does",
  },
  admission: {
    what: "whether the API server of an existing cluster would admit a new mesh's pods",
    preview: "keep",
    update: "warn",
    instead: "yes",
  },
  machine: {
    what: "the stack's kind clusters, their nodes, and the images of the machine",
    preview: "keep",
    update: "refuse",
    instead: "clusters, routes and images as the state has them",
  },
  eastWestAddress: {
    what: "the present address of an east-west Gateway",
    preview: "keep",
    update: "keep",
    instead: "the address that the stack last told its peers",
  },
  clusterTrust: {
    what: "what a cluster signs with and trusts, where a root begins to sign or is dropped",
    preview: "warn",
    update: "refuse",
  },
  externalCacerts: {
    what: "the certificates that somebody else has kept so far, where the stack begins to sign",
    preview: "warn",
    update: "refuse",
  },
  chartRegistry: {
    what: "whether the registry of charts gives them for the credentials of `chartRegistry`",
    preview: "refuse",
    update: "refuse",
  },
  chartLogin: {
    what: "charts that their registry does not give for the login of whoever runs the program, or without one",
    preview: "warn",
    update: "refuse",
    instead: "releases of them",
  },
  drift: {
    what: "whether a cluster has everything as the stack has made it (`detectDrift`)",
    preview: "warn",
    update: "warn",
    instead: "yes",
  },
} as const satisfies Record<string, Policy>;

/** The keys of {@link whenUnavailable}. */
export type DatumKind = keyof typeof whenUnavailable;

/** What to report if a datum can't be read. */
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
