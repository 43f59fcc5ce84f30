import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "../check";

/** A check has looked for as long as it may. */
export class OutOfTime extends Error {}

/** One check's look at a mesh: how long it may take, and what it has found so far. */
export class Watch {
  readonly #end = new AbortController();
  readonly #found: Finding[] = [];
  readonly #late: Promise<never>;

  /**
   * @param seconds How long it may take.
   * @param heard Hears of each finding when it is made.
   */
  constructor(
    readonly seconds: number,
    private readonly heard: (finding: Finding) => void = () => undefined,
  ) {
    this.#late = sleep(seconds * 1000, undefined, { signal: this.#end.signal }).then(() => {
      throw new OutOfTime(`looked for ${String(seconds)} seconds`);
    });
    this.#late.catch(() => undefined);
  }

  /** Everything found so far. */
  get findings(): readonly Finding[] {
    return this.#found;
  }

  found(finding: Finding): void {
    this.#found.push(finding);
    this.heard(finding);
  }

  /** Gives what `looking` gives. @throws OutOfTime where that takes too long; it goes on, and nobody hears of it. */
  async bound<Value>(looking: Promise<Value>): Promise<Value> {
    return Promise.race([looking, this.#late]);
  }

  /** The check has ended. */
  end(): void {
    this.#end.abort();
  }
}
