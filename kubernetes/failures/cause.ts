import { excerpt } from "../error-messages";

/** Why something does not come up, and what mends it: a sentence or two each. */
export interface Cause {
  readonly reason: string;
  readonly remedy: string;
}

/** Where it happened. */
export interface Place {
  readonly namespace: string;
}

/** Causes by how they are worded, the most telling ones first. */
export type Wordings = readonly (readonly [
  pattern: RegExp,
  cause: (match: readonly string[], place: Place) => Cause,
])[];

/** The cause that a text names, undefined for one that is not known. A group that took no part in the match is an empty text. */
export function causeIn(text: string, wordings: Wordings, place: Place): Cause | undefined {
  for (const [pattern, cause] of wordings) {
    const match = pattern.exec(text);
    if (match !== null) {
      return cause(
        Array.from(match, (group: string | undefined) => excerpt(group ?? "")),
        place,
      );
    }
  }
  return undefined;
}
