import { type DocsSection, inform, PreconditionError, warn } from "../diagnostics";

/** Something that preflight reports to whoever runs the program. */
export interface Problem {
  /** An error stops the program before any resource is declared. */
  readonly severity: "error" | "warning" | "information";
  /** What is wrong, where, and what to do. */
  readonly message: string;
  /** The section of the documents on it; every error has one. */
  readonly see?: DocsSection;
}

export function failure(message: string, see: DocsSection): Problem {
  return { severity: "error", message, see };
}

export function warning(message: string): Problem {
  return { severity: "warning", message };
}

export function information(message: string): Problem {
  return { severity: "information", message };
}

/** The result of a rule: a value to declare components with, and what to report. */
export interface Judged<Value> {
  readonly value: Value;
  readonly problems: readonly Problem[];
}

/**
 * Shows all problems.
 *
 * @throws PreconditionError with all errors, if there are any; then nothing else is shown.
 */
export function report(problems: readonly Problem[]): void {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    const messages = [...new Set(errors.map(({ message }) => message))];
    const sections = [...new Set(errors.flatMap(({ see }) => see ?? []))];
    throw new PreconditionError(messages.join("\n"), sections);
  }
  for (const { severity, message } of problems) {
    (severity === "warning" ? warn : inform)(message);
  }
}
