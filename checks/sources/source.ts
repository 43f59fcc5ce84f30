import type { Mesh } from "../inventory";

/** Where what is known of a mesh comes from. */
export interface Source {
  /** A deployed stack, the rehearsal of one, the settings of one that is yet to be deployed, or contexts of a kubeconfig. */
  readonly kind: "stack" | "rehearsal" | "settings" | "contexts";
  /** The stack's name, or the contexts with commas in between. */
  readonly name: string;
  readonly mesh: Mesh;
}

/** The mesh can't be read at all: what is wrong, where, and what to do, for the person at the console. */
export class SourceError extends Error {}
