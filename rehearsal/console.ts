import { printable, printableLine } from "../printable";

/** Lines for the person at the console, with the seconds since the rehearsal began. A terminal executes nothing that they contain. */
export class Console {
  readonly #start = performance.now();

  /** Something begins, or has happened. */
  step(message: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1);
    this.print(`${seconds.padStart(6)} s  ${message}`);
  }

  /** A line of untrusted text. */
  print(line = ""): void {
    this.write(printableLine(line));
  }

  /** Several lines of untrusted text. */
  lines(text: string): void {
    this.write(printable(text));
  }

  /** Text that is printable already, and may have colours. */
  write(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
