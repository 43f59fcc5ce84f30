import { ZodError } from "zod";
import { PreconditionError } from "../diagnostics";

/** The maximum length of a quotation in a message: API servers explain themselves in a sentence or two. */
const longest = 500;

/** A message of a server or a library as part of another: on one line, and of limited length. */
export function excerpt(words: string): string {
  // Cut first: the text can be very long.
  const start = words
    .slice(0, 2 * longest)
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return start.length > longest || words.length > 2 * longest ? `${start.slice(0, longest)} …` : start;
}

/** What went wrong, by an error or by what WebSockets fail with: an event that has a message. */
export function reasonOf(error: unknown): string {
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return `an object there does not have the form that Kubernetes defines (${excerpt(issue?.path.join(".") ?? "")}: ${excerpt(issue?.message ?? "")})`;
  }
  if (error instanceof PreconditionError) {
    return excerpt(error.statement).replace(/\.$/, "");
  }
  if (error instanceof SyntaxError) {
    // It quotes what it could not read: of a program that prints credentials, those.
    return "expected JSON, but could not parse it";
  }
  return excerpt(error instanceof Object && "message" in error ? String(error.message) : String(error));
}
