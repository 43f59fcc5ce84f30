/** Lines for the person at the console, each with the seconds since the rehearsal began. */
export class Console {
  readonly #start = performance.now();

  /** Something begins or has happened. */
  step(message: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1);
    this.print(`${seconds.padStart(6)} s  ${message}`);
  }

  /** Text as it is. */
  print(text = ""): void {
    process.stdout.write(`${text}\n`);
  }
}
