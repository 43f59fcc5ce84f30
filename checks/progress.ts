import { printableLine } from "../printable";
import { type Check, type Finding, isTrouble } from "./check";
import { longestText, words } from "./report";

export interface ProgressOptions {
  /** Whether findings are told, a line for each check with the first that needs attention: the report has them all. */
  readonly findings: boolean;
  readonly write?: (text: string) => void;
  /** Whether somebody watches: then there is a line that disappears at the end. */
  readonly watched?: boolean;
}

/** What a run tells while it runs. */
export class Progress {
  #done = 0;
  #last = "";
  readonly #told = new Set<string>();
  readonly #findings: boolean;
  readonly #write: (text: string) => void;
  readonly #watched: boolean;

  constructor(
    private readonly total: number,
    { findings, watched = process.stderr.isTTY, write = (text) => process.stderr.write(text) }: ProgressOptions,
  ) {
    this.#findings = findings;
    this.#watched = watched;
    this.#write = write;
    this.show();
  }

  found({ id }: Pick<Check, "id">, { status, cluster, message }: Finding): void {
    if (!this.#findings || !isTrouble(status) || this.#told.has(id)) {
      return;
    }
    this.#told.add(id);
    const text = `${words[status]}  ${id}: ${cluster === undefined ? "" : `${cluster}: `}${message}`;
    this.replace("");
    this.#write(`${printableLine(text, { longest: longestText })}\n`);
    this.show();
  }

  settled({ id }: Pick<Check, "id">): void {
    this.#done += 1;
    this.#last = id;
    this.show();
  }

  end(): void {
    this.replace("");
    if (this.#told.size > 0) {
      this.#write("\n");
    }
  }

  private show(): void {
    this.replace(`${String(this.#done)} of ${String(this.total)} checks  ${this.#last}`);
  }

  private replace(text: string): void {
    if (this.#watched) {
      this.#write(`\r\u001b[K${text}`);
    }
  }
}
