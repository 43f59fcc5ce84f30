import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commentText, type StackReport } from "../../../workflows/comment";
import { fenced, lastLines } from "../../../workflows/markdown";
import type { Plan } from "../../../workflows/plan";

const plan = (count: number, text?: string): Plan => ({
  changes: Array.from({ length: count }, (_, index) => ({
    operation: "create",
    type: "Release",
    name: `cluster-${String(index)}-istiod`,
    properties: [],
  })),
  messages: text === undefined ? [] : [{ severity: "error", text }],
  violations: [],
});
const rehearsal = {
  outcome: "rehearsed" as const,
  seconds: 21,
  outputs: {
    topology: "flowchart LR\n  a --> b\n",
    links: [{ from: "a", to: "b", via: "peer Gateway" }],
    missingPeers: [],
  },
};

it("has a line a stack, and the plan and the topology of each", () => {
  const reports: StackReport[] = [
    { stack: "dev", preview: { outcome: "planned", plan: plan(2) }, rehearsal },
    { stack: "east", preview: { outcome: "new" }, rehearsal },
    { stack: "fork", preview: undefined, rehearsal: { outcome: "failed", log: "0.0 s  rehearsing\nno such chart" } },
  ];
  expect(commentText(reports)).toBe(readFileSync(join(__dirname, "comment.txt"), "utf8"));
});

it("says so when a change touches no stack", () => {
  expect(commentText([])).toContain("touches no stack");
});

it("leaves no text a way out of its block", () => {
  const text = "```\n</details> @everyone <script>alert(1)</script>\n````";
  const comment = commentText([{ stack: "dev", preview: { outcome: "failed", plan: plan(0, text) } }]);
  expect(comment).toContain(`\`\`\`\`\`\nerror: ${text}\n\`\`\`\`\``);
  expect(fenced("plain")).toBe("```\nplain\n```");
});

it.each([1, 7, 60])(
  "stays below what GitHub takes with %i stacks of the longest texts, and has all of them",
  (count) => {
    const long = "a message of some length\n".repeat(5000);
    const outputs = { ...rehearsal.outputs, topology: `flowchart LR\n${"  a --> b\n".repeat(4000)}` };
    const reports = Array.from({ length: count }, (_, index): StackReport => ({
      stack: `stack-${String(index)}`,
      preview: { outcome: "failed", plan: plan(3000, long) },
      rehearsal: index % 2 === 0 ? { outcome: "failed", log: long } : { ...rehearsal, outputs },
    }));
    const comment = commentText(reports);
    expect(comment.length).toBeLessThanOrEqual(65_400);
    expect(comment).toContain(`#### \`stack-${String(count - 1)}\``);
  },
);

it("keeps the end of a log, where the reason stands", () => {
  const log = `${"step\n".repeat(1000)}the reason`;
  expect(lastLines(log, 200)).toMatch(/^… \d+ more lines: see the run\n(step\n)+the reason$/);
});
