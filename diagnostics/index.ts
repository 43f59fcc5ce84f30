import * as pulumi from "@pulumi/pulumi";
import { RunError } from "@pulumi/pulumi";
import { printable } from "../printable";

export { operatingSystemProblem } from "./operating-system";

/** Address of a section of the documents, relative to the repository's root: users have a clone at hand. */
export type DocsSection = `docs/${string}.md#${string}`;

/**
 * Something that a person has to fix before the program can go on. The message says what is wrong, where, and what to do, and ends
 * with the section of the documents that has more on it. The engine prints the message without a stack trace; text quoted from
 * elsewhere is made printable first.
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

/** Shows a warning in Pulumi's CLI; text quoted from elsewhere is made printable first. */
export function warn(message: string, ...about: [resource?: pulumi.Resource]): void {
  void pulumi.log.warn(printable(message), ...about);
}

/** Shows information in Pulumi's CLI; text quoted from elsewhere is made printable first. */
export function inform(message: string, ...about: [resource?: pulumi.Resource]): void {
  void pulumi.log.info(printable(message), ...about);
}

/**
 * Shows an error of a resource, beside what its provider says, and lets what runs go on: the operation has failed already. Text quoted
 * from elsewhere is made printable first.
 */
export function explain(message: string, about: pulumi.Resource): void {
  void pulumi.log.error(printable(message), about);
}
