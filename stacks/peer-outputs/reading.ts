import { z } from "zod";
import { PreconditionError } from "../../diagnostics";
import { quoted } from "../../printable";

/** How many faults of one stack a message lists. */
const mostListed = 10;

/**
 * Reads what another stack says of itself: whoever may write there is nobody's friend here. Each value has to be what the
 * settings' own schemas take, and no longer or more than it can be; everything that is wrong is found, and told by its key.
 */
export class Reading {
  readonly #faults: string[] = [];

  /**
   * @param stack Full name of the stack.
   * @param setting Key of the setting that names it.
   */
  constructor(
    readonly stack: string,
    readonly setting: string,
  ) {}

  /** Adds what is wrong with the value at a path, as the predicate of a sentence. */
  fault(path: string, problem: string): void {
    this.#faults.push(`${path} ${problem}.`);
  }

  /**
   * The entries of a map, none of one that is left out. Only what the map itself has counts, not what every JavaScript object
   * inherits.
   *
   * @param most How many there may be.
   */
  entries(value: unknown, path: string, most: number): readonly (readonly [key: string, value: unknown])[] {
    if (value === undefined) {
      return [];
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.fault(path, "is no map");
      return [];
    }
    const count = Object.keys(value).length;
    if (count > most) {
      this.fault(path, `has ${String(count)} entries, and ${String(most)} at most are read`);
      return [];
    }
    return Object.entries(value);
  }

  /** A map by its keys; empty where it is none. */
  map(value: unknown, path: string): ReadonlyMap<string, unknown> {
    return new Map(this.entries(value, path, 100));
  }

  /** A map whose keys are names; entries of other keys are left out. */
  named(schema: z.ZodType<string>, value: unknown, path: string, most: number): Map<string, unknown> {
    return new Map(
      this.entries(value, path, most).filter(([key]) => {
        const problem = problemOf(schema, key);
        if (problem !== undefined) {
          this.fault(path, `has the key ${quoted(key)}, which ${problem}`);
        }
        return problem === undefined;
      }),
    );
  }

  /** A text that may be left out; undefined where it is none that the schema takes. */
  text(schema: z.ZodType<string>, value: unknown, path: string, longest = 253): string | undefined {
    if (value === undefined) {
      return undefined;
    }
    if (typeof value !== "string") {
      this.fault(path, "is no text");
    } else if (value.length > longest) {
      this.fault(path, `has ${String(value.length)} characters, and ${String(longest)} at most are read`);
    } else {
      const problem = problemOf(schema, value);
      if (problem === undefined) {
        return value;
      }
      this.fault(path, `is ${quoted(value)}, which ${problem}`);
    }
    return undefined;
  }

  /** The same of a text that may not be left out. */
  demanded(schema: z.ZodType<string>, value: unknown, path: string, longest?: number): string | undefined {
    if (value === undefined) {
      this.fault(path, "is missing");
    }
    return this.text(schema, value, path, longest);
  }

  /**
   * A secret text of at most so many characters, of which no message tells anything. Pulumi puts an empty map in the place of
   * what whoever runs it can't decrypt.
   */
  secret(value: unknown, path: string, longest: number): string | undefined {
    if (undecrypted(value)) {
      this.fault(
        path,
        "can't be decrypted by whoever runs this: have the passphrase, or the rights at the secrets provider, that the stack " +
          "is encrypted with",
      );
    } else if (typeof value !== "string") {
      this.fault(path, "is no text");
    } else if (value.length > longest) {
      this.fault(path, `has ${String(value.length)} characters, and ${String(longest)} at most are read`);
    } else {
      return value;
    }
    return undefined;
  }

  /** @throws PreconditionError with everything that is wrong. */
  throwIfAny(): void {
    const count = this.#faults.length;
    if (count > 0) {
      const listed = this.#faults.slice(0, mostListed).map((fault) => `  - ${fault}`);
      const more = count > mostListed ? [`  - and ${String(count - mostListed)} more.`] : [];
      throw new PreconditionError(
        [
          `${this.setting}: what stack ${this.stack} says in its outputs can't be used; nothing was changed:`,
          ...listed,
          ...more,
          "Run pulumi up on that stack with this version of the program, or ask whoever has deployed it; or take it out of " +
            "the settings.",
        ].join("\n"),
        "docs/several-stacks.md#what-a-peer-may-say",
      );
    }
  }
}

/** Whether a secret output could not be decrypted (newErrorCatchingSecretsProvider in pulumi/pulumi, pkg/backend/secrets.go). */
export function undecrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** What a schema of the settings has against a text, as the predicate of a sentence; undefined when nothing. */
function problemOf(schema: z.ZodType<string>, text: string): string | undefined {
  const [issue] = schema.safeParse(text).error?.issues ?? [];
  const problem: unknown = issue?.code === "custom" ? issue.params?.["problem"] : issue?.message;
  return issue === undefined ? undefined : String(problem);
}
