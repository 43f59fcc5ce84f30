import { printable, printableLine } from "../printable";

/** Lines for the person at the console, each with the seconds since the rehearsal began. Nothing that is told here is obeyed by a terminal. */
export class Console {
  readonly #start = performance.now();

  /** Something begins or has happened. */
  step(message: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(1);
    this.print(`${seconds.padStart(6)} s  ${message}`);
  }

  /** A line, whoever has written what is in it. */
  print(line = ""): void {
    this.write(printableLine(line));
  }

  /** Several lines, whoever has written them. */
  lines(text: string): void {
    this.write(printable(text));
  }

  /** Text that was made printable where it was put together, colours and all. */
  write(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
