import type { Run } from "../unavailable";

/** The reason of a repair as a resource records it: with a number, so that a drift that comes back is another text. */
export function numbered(text: string, before: string | undefined): string {
  const [last = "0"] = /^\d+(?=: )/.exec(before ?? "") ?? [];
  return `${String(Number(last) + 1)}: ${text}`;
}

/** Differences as one text, which names the first few. */
export function listed(texts: readonly string[], named: number): string {
  const more = texts.length - named;
  return `${texts.slice(0, named).join("; ")}${more > 0 ? `; and ${String(more)} more` : ""}`;
}

/** Who puts it back. */
export function putsBack(run: Run): string {
  return `${run === "preview" ? "The next pulumi up" : "This update"} puts it back.`;
}
