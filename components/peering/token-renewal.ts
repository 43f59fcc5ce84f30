import { tokenOverlapDays } from "../../settings";

/** What identifies a token of a cluster's reader. */
export interface TokenId {
  /** The cluster whose control plane has it; absent for the one that is for all clusters of other stacks. */
  readonly holder?: string;
  /** Counted from 1: a renewed token coexists with its predecessor. */
  readonly generation: number;
}

/** A token's name in its cluster. */
export function tokenName({ holder, generation }: TokenId): string {
  return `istio-reader-token-${String(generation)}${holder === undefined ? "" : `-${holder}`}`;
}

/** A token that the stack has. */
export interface KnownToken extends TokenId {
  /** What the names of all resources in its cluster begin with. */
  readonly namePrefix: string;
  /** When it was created. */
  readonly created: Date;
}

/** The generations of a token that have to exist. */
export interface Generations {
  readonly current: number;
  /** The previous one, as long as a stack that was not updated since may still hold it. */
  readonly previous?: number;
}

/**
 * The generations that one holder's token of a reader should have: the current one, or after `renewAfterDays` the next.
 *
 * @param tokens The tokens of this reader and this holder.
 */
export function generationsOf(tokens: readonly KnownToken[], renewAfterDays: number, now = new Date()): Generations {
  const [latest, ...older] = tokens.toSorted((a, b) => b.generation - a.generation);
  if (latest === undefined) {
    return { current: 1 };
  }
  const { generation, created } = latest;
  const age = (now.getTime() - created.getTime()) / (24 * 60 * 60 * 1000);
  if (age >= renewAfterDays) {
    return { current: generation + 1, previous: generation };
  }
  return {
    current: generation,
    ...(age < tokenOverlapDays &&
      older.some((one) => one.generation === generation - 1) && { previous: generation - 1 }),
  };
}
