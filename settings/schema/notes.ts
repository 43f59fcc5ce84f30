import { z } from "zod";

/** What a schema says of a setting beyond its type, for messages and documents. */
export interface Note {
  /** The value never appears in a message. */
  readonly secret?: true;
  /** The default in words, where it follows from other settings. */
  readonly fallback?: string;
  /** What an alternative of a union is called: "kind clusters". */
  readonly title?: string;
}

/** Notes by schema instance. A wrapper, such as `.optional()`, is another instance. */
export const notes = z.registry<Note>();
