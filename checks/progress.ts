import type { CheckResult } from "./run";

/** The progress of a run, on a line that disappears at the end; silent without a terminal. */
export class Progress {
  #done = 0;
  readonly #watched = process.stderr.isTTY;

  constructor(private readonly total: number) {
    this.show("");
  }

  settled({ id }: Pick<CheckResult, "id">): void {
    this.#done += 1;
    this.show(id);
  }

  end(): void {
    this.write("");
  }

  private show(id: string): void {
    this.write(`${String(this.#done)} of ${String(this.total)} checks  ${id}`);
  }

  private write(text: string): void {
    if (this.#watched) {
      process.stderr.write(`\r\u001b[K${text}`);
    }
  }
}
