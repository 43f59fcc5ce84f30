import { PreconditionError } from "./precondition-error";
import { sectionOfKey } from "./sections";

/** What is wrong with one value, whichever key holds it. Neither text may contain the value of a secret. */
export interface Verdict {
  /** What is wrong, as the predicate of a sentence: "has host bits set". */
  readonly problem: string;
  /** What to do, as an instruction: "write 10.10.0.0/16". */
  readonly remedy: string;
}

/** One thing that is wrong with a stack's settings. */
export interface Fault extends Verdict {
  /** Path of the key below `flatmesh:`, such as `clusters[1].podSubnet`. */
  readonly path: string;
  /** The offending value. Absent where it is, or could be, a secret, and where nothing was given. */
  readonly value?: string | number | boolean;
}

/** Longer texts are no typing errors but things pasted into the wrong key, credentials perhaps: they are not repeated. */
const longestShown = 80;

/**
 * Everything that is wrong with a stack's settings, in one error.
 */
export class SettingsError extends PreconditionError {
  constructor(readonly faults: readonly Fault[]) {
    super(`${message(faults)}\n`, [...new Set(faults.map(({ path }) => sectionOfKey(path)))]);
  }
}

function message(faults: readonly Fault[]): string {
  const count = faults.length === 1 ? "1 fault" : `${String(faults.length)} faults`;
  return [
    `${count} in this stack's settings (the flatmesh: keys of its configuration); nothing was created or changed.`,
    ...faults.map(paragraph),
  ].join("\n\n");
}

function paragraph({ path, value, problem, remedy }: Fault): string {
  return `  ${path}: ${value === undefined ? "" : `${shown(value)} `}${problem}\n    → ${remedy}`;
}

function shown(value: string | number | boolean): string {
  const text = JSON.stringify(value);
  return text.length > longestShown ? `(${String(text.length)} characters)` : text;
}

/** Collects faults in the order in which they are found. */
export class Faults {
  readonly #found: Fault[] = [];

  get found(): readonly Fault[] {
    return this.#found;
  }

  add(fault: Fault): void {
    this.#found.push(fault);
  }

  /** Throws a SettingsError when there is any fault. */
  throwIfAny(): void {
    if (this.#found.length > 0) {
      throw new SettingsError(this.#found);
    }
  }
}
