/** GitHub takes 65,536 characters for the body of a comment or an issue; some are left for what others put around it. */
export const longestBody = 65_000;

/** A block of code, whose fence is longer than any that is inside: nothing in it is Markdown, HTML or a mention. */
export function fenced(code: string, language = ""): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${code.replace(/\n+$/, "")}\n${fence}`;
}

/** Part of a text that a reader opens. The summary is Markdown of our own. */
export function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** The first lines of a text that fit into `room` characters, and how many more there are. */
export function firstLines(text: string, room: number): string {
  return cut(text.split("\n"), room);
}

/** The last lines of a text that fit into `room` characters, and how many there are before them. */
export function lastLines(text: string, room: number): string {
  return cut(text.split("\n").reverse(), room).split("\n").reverse().join("\n");
}

function cut(lines: readonly string[], room: number): string {
  const note = (count: number): string => `… ${String(count)} more lines: see the run`;
  const whole = lines.join("\n");
  if (whole.length <= room) {
    return whole;
  }
  let left = room - note(lines.length).length;
  const first = lines.findIndex((line) => (left -= line.length + 1) < 0);
  return [...lines.slice(0, first), note(lines.length - first)].join("\n");
}
