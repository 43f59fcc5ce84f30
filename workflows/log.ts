import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { printable } from "../printable";

/**
 * Passes on what a process prints, line by line: whatever clusters and plans contain, neither a runner nor a terminal executes it.
 *
 * @param hear Gets each line as it is passed on.
 */
export async function passOn(
  from: Readable,
  to: Writable,
  hear: (line: string) => void = () => undefined,
): Promise<void> {
  for await (const line of createInterface({ input: from, crlfDelay: Infinity })) {
    const shown = printable(line);
    to.write(`${shown}\n`);
    hear(shown);
  }
}
