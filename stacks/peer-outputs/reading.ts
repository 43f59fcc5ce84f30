import { z } from "zod";
import { PreconditionError } from "../../diagnostics";
import { quoted } from "../../printable";

/** How many problems of one stack a message lists. */
const mostListed = 10;

/**
 * Reads the outputs of another stack, and trusts none of them: whoever may write to that stack's state could put anything there.
 * Each value has to fit the settings' own schemas and a limit of length or number. All problems are collected, by key.
 */
export class Reading {
  readonly #problems: string[] = [];

  /**
   * @param stack Full name of the stack.
   * @param setting Key of the setting that names it.
   */
  constructor(
    readonly stack: string,
    readonly setting: string,
  ) {}

  /** Adds what is wrong with the value at a path, as the predicate of a sentence. */
  problem(path: string, problem: string): void {
    this.#problems.push(`${path} ${problem}.`);
  }

  /**
   * The entries of a map; empty if it is missing. Only own properties count, not what every JavaScript object inherits.
   *
   * @param most How many there may be.
   */
  entries(value: unknown, path: string, most: number): readonly (readonly [key: string, value: unknown])[] {
    if (value === undefined) {
      return [];
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.problem(path, "is not a map");
      return [];
    }
    const count = Object.keys(value).length;
    if (count > most) {
      this.problem(path, `has ${String(count)} entries, and ${String(most)} at most are read`);
      return [];
    }
    return Object.entries(value);
  }

  /** A map by its keys; empty if the value is not one. */
  map(value: unknown, path: string): ReadonlyMap<string, unknown> {
    return new Map(this.entries(value, path, 100));
  }

  /** A map whose keys are names; entries with other keys are left out. */
  named(schema: z.ZodType<string>, value: unknown, path: string, most: number): Map<string, unknown> {
    return new Map(
      this.entries(value, path, most).filter(([key]) => {
        const problem = problemOf(schema, key);
        if (problem !== undefined) {
          this.problem(path, `has the key ${quoted(key)}, which ${problem}`);
        }
        return problem === undefined;
      }),
    );
  }

  /** A text that may be missing; undefined if the schema does not accept it. */
  text(schema: z.ZodType<string>, value: unknown, path: string, longest = 253): string | undefined {
    if (value === undefined) {
      return undefined;
    }
    if (typeof value !== "string") {
      this.problem(path, "is not a text");
    } else if (value.length > longest) {
      this.problem(path, `has ${String(value.length)} characters, and ${String(longest)} at most are read`);
    } else {
      const problem = problemOf(schema, value);
      if (problem === undefined) {
        return value;
      }
      this.problem(path, `is ${quoted(value)}, which ${problem}`);
    }
    return undefined;
  }

  /** A text that may not be missing. */
  required(schema: z.ZodType<string>, value: unknown, path: string, longest?: number): string | undefined {
    if (value === undefined) {
      this.problem(path, "is missing");
    }
    return this.text(schema, value, path, longest);
  }

  /**
   * A secret text of at most `longest` characters; no message shows anything of it. Pulumi puts an empty map in the place of a
   * secret that whoever runs it can't decrypt.
   */
  secret(value: unknown, path: string, longest: number): string | undefined {
    if (undecrypted(value)) {
      this.problem(
        path,
        "can't be decrypted by whoever runs this: set the passphrase that the stack is encrypted with, or get access to its " +
          "secrets provider",
      );
    } else if (typeof value !== "string") {
      this.problem(path, "is not a text");
    } else if (value.length > longest) {
      this.problem(path, `has ${String(value.length)} characters, and ${String(longest)} at most are read`);
    } else {
      return value;
    }
    return undefined;
  }

  /** @throws PreconditionError with all problems, if there are any. */
  throwIfAny(): void {
    const count = this.#problems.length;
    if (count > 0) {
      const listed = this.#problems.slice(0, mostListed).map((problem) => `  - ${problem}`);
      const more = count > mostListed ? [`  - and ${String(count - mostListed)} more.`] : [];
      throw new PreconditionError(
        [
          `${this.setting}: what stack ${this.stack} says in its outputs can't be used; nothing was changed:`,
          ...listed,
          ...more,
          "Run pulumi up on that stack with this version of the program, or ask whoever deployed it to; or take it out of " +
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

/** Why a schema does not accept a text, as the predicate of a sentence; undefined if it does. */
function problemOf(schema: z.ZodType<string>, text: string): string | undefined {
  const [issue] = schema.safeParse(text).error?.issues ?? [];
  const problem: unknown = issue?.code === "custom" ? issue.params?.["problem"] : issue?.message;
  return issue === undefined ? undefined : String(problem);
}
