import { RunError } from "@pulumi/pulumi";
import { printable } from "../printable";

/** Address of a section of the documents, from the repository's top folder: its users have a clone at hand. */
export type DocsSection = `docs/${string}.md#${string}`;

/**
 * What a person has to mend before the program can go on; its message says what is wrong, where, and what to do, and ends with
 * where the documents have more on it. The engine prints the message alone, whoever has written what it quotes.
 */
export class PreconditionError extends RunError {
  /** The message without its last line. */
  readonly statement: string;
  /** The sections that the last line names. */
  readonly see: readonly DocsSection[];

  /** @param see The section, or sections, that the last line of the message names. */
  constructor(message: string, see: DocsSection | readonly DocsSection[]) {
    const sections = [see].flat();
    super(printable(`${message}\nSee ${sections.join(", ")}`));
    this.statement = message;
    this.see = sections;
    // Pulumi's language host inspects what a program throws, and Node can take minutes over the stack of a Pulumi program.
    delete this.stack;
  }
}
