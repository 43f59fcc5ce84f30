import { printable } from "../printable";

/** A kind of error whose message is sufficient. */
type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * Prints why a command failed: the message of an error that it knows, any other with where it comes from.
 *
 * @param known The errors that are for the person at the console.
 */
export function printFailure(error: unknown, known: readonly ErrorClass[]): void {
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${printable(known.some((kind) => error instanceof kind) ? message : stack)}\n`);
}
