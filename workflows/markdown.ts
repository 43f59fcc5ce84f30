import { printable, printableLine } from "../printable";

/** GitHub accepts 65,536 characters for the body of a comment or an issue; some are reserved for what is put around it. */
export const longestBody = 65_000;

/** Runs of backticks that are so long that fences around them would leave no room for anything else. */
const longRun = /`{10,}/g;

/**
 * A block of code, whose fence is longer than any inside: nothing in untrusted code becomes Markdown, HTML or a mention.
 */
export function fenced(code: string, language = ""): string {
  const shown = printable(code, { longest: Infinity }).replace(longRun, "`````````…");
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${shown.replace(/\n+$/, "")}\n${fence}`;
}

/** An untrusted name as code: it stays on its line, and in its cell of a table. */
export function code(name: string): string {
  const escaped = printableLine(name, { longest: 120 }).replace(/[`|]/g, (sign) => (sign === "|" ? "\\x7c" : "\\x60"));
  return escaped.trim() === "" ? "`(no name)`" : `\`${escaped}\``;
}

/** Names as code, separated by commas, and how many more there are. */
export function codes(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).map(code).join(", ");
  return names.length <= most ? shown : `${shown} and ${String(names.length - most)} more`;
}

/** A section that a reader can open. The summary is trusted Markdown. */
export function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** The first lines of a text, made printable, that fit into `room` characters, and how many more there are. */
export function firstLines(text: string, room: number): string {
  return cut(lines(text), room);
}

/** The last lines of a text, made printable, that fit into `room` characters, and how many there are before them. */
export function lastLines(text: string, room: number): string {
  return cut(lines(text).reverse(), room).split("\n").reverse().join("\n");
}

/** Escaped first, since escapes take more room. */
function lines(text: string): string[] {
  return printable(text, { longest: Infinity }).split("\n");
}

function cut(all: readonly string[], room: number): string {
  const note = (count: number): string => `… ${String(count)} more lines: see the run`;
  const whole = all.join("\n");
  if (whole.length <= room) {
    return whole;
  }
  let left = room - note(all.length).length;
  const first = all.findIndex((line) => (left -= line.length + 1) < 0);
  return [...all.slice(0, first), note(all.length - first)].join("\n");
}
