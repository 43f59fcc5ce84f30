/** What tells a token of a cluster's reader from the others. */
export interface TokenId {
  /** The cluster whose control plane has it; absent for the one that is for all clusters of other stacks. */
  readonly holder?: string;
  /** Counted from 1: a renewed token stands beside the one that it follows. */
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

/** How long the control planes of other stacks may go on with the token before the present one, in days. */
export const overlapDays = 7;

/** The generations of a token that there have to be. */
export interface Generations {
  readonly current: number;
  /** The one before, as long as a stack may still hold it that was not updated since. */
  readonly previous?: number;
}

/**
 * What is to be of one reader's token for one holder: the one that there is, or from `renewAfterDays` on the next one.
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
    ...(age < overlapDays && older.some((one) => one.generation === generation - 1) && { previous: generation - 1 }),
  };
}
