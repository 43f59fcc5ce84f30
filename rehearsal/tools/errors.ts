/** A tool could not be obtained. The message says which, why, and what to do. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** The message of an unknown exception, without the user names and passwords of URLs. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return withoutCredentials(String(error));
  }
  // fetch hides the reason ("fetch failed") in its cause.
  const reason = error.cause instanceof Error ? error.cause : error;
  return withoutCredentials(reason.message === "" ? reason.name : reason.message);
}

/** The text without `user:password@` in its URLs, which those of proxies and mirrors often have. */
export function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/@\s]+@/g, "//");
}
