/** A tool could not be had. The message says which, why, and what to do. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** What an unknown exception says, with the user names and passwords of URLs taken out. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return withoutCredentials(String(error));
  }
  // fetch hides the reason ("fetch failed") in its cause.
  const reason = error.cause instanceof Error ? error.cause : error;
  return withoutCredentials(reason.message === "" ? reason.name : reason.message);
}

/** The text without `user:password@` in its URLs: proxies and mirrors are often addressed with one. */
export function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/@\s]+@/g, "//");
}
