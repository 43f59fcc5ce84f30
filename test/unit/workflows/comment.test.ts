import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topology } from "../../../components/outputs";
import { commentText, isTopology, type StackReport } from "../../../workflows/comment";
import { code, codes, fenced, firstLines, lastLines } from "../../../workflows/markdown";
import type { Plan } from "../../../workflows/plan";
import { changesBlock, messagesBlock } from "../../../workflows/plan-text";
import { foreign } from "../printable/foreign";

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
    topology: 'flowchart LR\n  subgraph network["flat"]\n    c_a["<b>a</b>"]\n  end\n',
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
  expect(comment).toContain(`\`\`\`\`\`\nerror: ${text.replaceAll("\n", "\n  ")}\n\`\`\`\`\``);
  expect(fenced("plain")).toBe("```\nplain\n```");
});

it.each([1, 7, 60])(
  "stays below what GitHub takes with %i stacks of the longest texts, and has all of them",
  (count) => {
    const long = "a message of some length\n".repeat(5000);
    const outputs = { ...rehearsal.outputs, topology: `flowchart LR\n${"`".repeat(40_000)}` };
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

describe("whatever a plan or a rehearsal says", () => {
  const fence = "`````````";

  it("stays in its block", () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const lines = fenced(text).split("\n");
        const [first = "", last = ""] = [lines[0], lines.at(-1)];
        expect(first).toMatch(/^`{3,10}$/);
        expect(last).toBe(first);
        expect(lines.slice(1, -1).filter((line) => line.includes(first))).toEqual([]);
      }),
    );
    expect(fenced("`".repeat(100_000))).toBe(`${fence}\`\n${fence}…\n${fence}\``);
  });

  it("stays in its code, its line and its cell", () => {
    fc.assert(
      fc.property(foreign, (text) => {
        expect(code(text)).toMatch(/^`[^`|\n\r]*\S[^`|\n\r]*`$/);
      }),
    );
    expect(code("a`|\n@everyone")).toBe("`a\\x60\\x7c\\n@everyone`");
    expect(code(" ")).toBe("`(no name)`");
    expect(codes(["a", "b", "c"], 2)).toBe("`a`, `b` and 1 more");
  });

  it("keeps within its room", () => {
    fc.assert(
      fc.property(foreign, fc.integer({ min: 100, max: 300 }), (text, room) => {
        for (const cut of [firstLines, lastLines]) {
          expect(cut(text.repeat(20), room).length).toBeLessThanOrEqual(room);
        }
      }),
    );
  });

  it("is a line a change, and none at the beginning of a line but the one that its kind of message has", () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const change = {
          operation: "create",
          type: text,
          name: text,
          properties: [{ path: text, from: text, to: text }],
        };
        const said: Plan = {
          changes: [change],
          messages: [{ severity: "error", text: `x${text}` }],
          violations: [{ policy: "a", level: "mandatory", resource: "", message: `x${text}` }],
        };
        expect(changesBlock(said, 100_000).split("\n")).toHaveLength(4);
        const begin = messagesBlock(said, 100_000)
          .split("\n")
          .slice(1, -1)
          .filter((line) => /^\S/.test(line));
        expect(begin).toEqual([
          expect.stringMatching(/^policy a \(mandatory\): x/),
          expect.stringMatching(/^error: x/),
        ]);
      }),
    );
  });

  it("has in a whole comment no line of Markdown that is not the comment's own", () => {
    fc.assert(
      fc.property(foreign, fc.boolean(), (text, failed) => {
        const outputs = { topology: text, links: [], missingPeers: [text] };
        const comment = commentText([
          {
            stack: text,
            preview: { outcome: "failed", plan: plan(1, text) },
            rehearsal: failed ? { outcome: "failed", log: text } : { outcome: "rehearsed", seconds: 1, outputs },
          },
        ]);
        // Blocks of code taken out, which a fence of the same length ends.
        const rest = comment.replace(/^(`{3,})(?:diff|mermaid)?\n[^]*?\n\1$/gm, "BLOCK");
        expect(rest.split("\n").filter((line) => !/^(?:#### `[^`]*`|### flatmesh|\|.*\||BLOCK|)$/.test(line))).toEqual(
          [failed ? "The end of the rehearsal" : "Topology", "Plan: 1 created"].flatMap((summary) => [
            `<details><summary>${summary}</summary>`,
            "</details>",
          ]),
        );
        const cells = rest.split("\n").filter((line) => line.startsWith("|"));
        expect(cells.map((line) => line.split("|").length)).toEqual([5, 5, 5]);
      }),
    );
  });
});

describe("a topology", () => {
  const links = [
    { from: "east-1", to: "west", via: "peer Gateway" as const },
    { from: "west", to: "east-1", via: "peer Gateway" as const },
    { from: "west", to: "north", via: "remote secret" as const },
  ];
  const own = topology({
    network: "flat-network",
    clusters: [
      { name: "east-1", provisioner: "kwok", podSubnet: "10.10.0.0/16", serviceSubnet: "10.255.10.0/24", nodes: 1 },
      { name: "west", provisioner: "existing", context: "west", platform: "openshift" },
    ] as unknown as Parameters<typeof topology>[0]["clusters"],
    peers: ["north"],
    links,
  });
  const commentWith = (text: string) =>
    commentText([{ stack: "dev", rehearsal: { ...rehearsal, outputs: { ...rehearsal.outputs, topology: text } } }]);

  it("of the program's own making is drawn", () => {
    expect(isTopology(own)).toBe(true);
    expect(commentWith(own)).toContain(`\`\`\`mermaid\n${own}\`\`\``);
  });

  it("may have codes for characters in its names, and numbers for identifiers", () => {
    expect(isTopology(own.replace("<b>west</b>", "<b>we#34;st#59;</b>").replaceAll("c_west", "n_7"))).toBe(true);
  });

  it.each([
    ["a link to click on", `${own}  click c_west "https://evil.example"\n`],
    ["a directive", `%%{init: {"securityLevel": "loose"}}%%\n${own}`],
    ["HTML in a name", own.replace("<b>west</b>", "<img src=x onerror=alert(1)>")],
    ["a quote in a name", own.replace("<b>west</b>", 'west"] --> x["')],
    ["another diagram", "sequenceDiagram\n  a->>b: c\n"],
    ["too much in it", own.replace("  end\n", `${'    c_x["x"]\n'.repeat(10_000)}  end\n`)],
  ])("with %s is shown as text", (_what, text) => {
    expect(isTopology(text)).toBe(false);
    expect(commentWith(text)).not.toContain("mermaid");
  });
});

it("says which stacks a run has left out, and that a report can't be read", () => {
  const comment = commentText([{ stack: "dev", preview: { outcome: "unreadable" } }], ["x", "y"]);
  expect(comment).toContain("Neither previewed nor rehearsed: `x`, `y`.");
  expect(comment).toContain("| `dev` | ❓ its report can't be read: see the run | not run |");
});
