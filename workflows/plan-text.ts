import type { Change, Plan } from "./plan";
import { printableBlock, printableLine } from "../printable";
import { fenced, firstLines } from "./markdown";

/** Signs that GitHub colours in a block of the language `diff`. */
const signs: Readonly<Record<string, string>> = { create: "+", delete: "-", update: "!", replace: "!" };

const participles: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
};

/** `1 updated, 2 created`; `no changes`. */
export function countsText({ changes }: Plan): string {
  const counts = new Map<string, number>();
  for (const { operation } of changes) {
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
  }
  const texts = [...counts].map(([operation, count]) => `${String(count)} ${participles[operation] ?? operation}`);
  return texts.join(", ") || "no changes";
}

/** The changes, as a block that GitHub colours: one line per resource, and one per property. */
export function changesBlock({ changes }: Plan, room: number): string {
  return fenced(firstLines(changes.flatMap(changeLines).join("\n"), room), "diff");
}

function changeLines({ operation, type, name, properties }: Change): string[] {
  return [
    `${signs[operation] ?? "!"} ${operation} ${line(type)} ${line(name)}`,
    ...properties.map(({ path, from, to }) => {
      const values = from === undefined && to === undefined ? "" : `: ${line(from ?? "…")} → ${line(to ?? "…")}`;
      return `    ${line(path)}${values}`;
    }),
  ];
}

/** On one line: a second one would look like another change. */
function line(text: string): string {
  return printableLine(text, { longest: 300 });
}

/** Errors, warnings and violated policies, each on lines of its own, all but the first indented; empty if there are none. */
export function messagesBlock({ messages, violations }: Plan, room: number): string {
  const lines = [
    ...violations.map(
      ({ level, policy, resource, message }) => `policy ${policy} (${level})${resource && `, ${resource}`}: ${message}`,
    ),
    ...messages.map(({ severity, text }) => `${severity}: ${text}`),
  ].map((text) => printableBlock(text, "  "));
  return lines.length === 0 ? "" : fenced(firstLines(lines.join("\n\n"), room));
}
