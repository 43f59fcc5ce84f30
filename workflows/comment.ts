import { code, codes, fenced, folded, lastLines, longestBody } from "./markdown";
import { changesBlock, countsText, messagesBlock } from "./plan-text";
import type { Preview } from "./preview";
import type { Rehearsal } from "./rehearsal";
import { mostStacks } from "./touched";

/** What a job has left is not a report of this program: the job ran code of the pull request. */
export interface Unreadable {
  readonly outcome: "unreadable";
}

/** The reports about one stack. One is absent if its job did not finish. */
export interface StackReport {
  readonly stack: string;
  readonly preview?: Preview | Unreadable | undefined;
  readonly rehearsal?: Rehearsal | Unreadable | undefined;
}

/**
 * A comment on a pull request: what it would change, whether its rehearsals succeed, and what the meshes look like. Written by hand
 * rather than by pulumi/actions, which posts what Pulumi printed, one comment per stack: texts that a pull request controls have
 * to be made harmless first, and to fit into one comment.
 *
 * @param leftOut Stacks that it touches, beyond the limit of a run.
 */
export function commentText(reports: readonly StackReport[], leftOut: readonly string[] = []): string {
  if (reports.length === 0) {
    return "### flatmesh\n\nThis change touches no stack.\n";
  }
  const table = [
    "| Stack | Plan | Rehearsal |",
    "| --- | --- | --- |",
    ...reports.map(({ stack, preview, rehearsal }) => {
      return `| ${code(stack)} | ${previewCell(preview)} | ${rehearsalCell(rehearsal)} |`;
    }),
  ].join("\n");
  const head = ["### flatmesh\n", `${table}\n`, ...leftOutText(leftOut)].join("\n");
  const room = Math.floor((longestBody - head.length) / reports.length);
  return [head, ...reports.map((report) => details(report, room))].join("\n");
}

function leftOutText(leftOut: readonly string[]): string[] {
  return leftOut.length === 0
    ? []
    : [
        `A run is limited to ${String(mostStacks)} stacks. Neither previewed nor rehearsed: ${codes(leftOut)}. Split the change, or rehearse ` +
          "them yourself: `npm start -- --stack NAME`.\n",
      ];
}

const unreadable = "❓ its report can't be read: see the run";

function previewCell(preview: StackReport["preview"]): string {
  switch (preview?.outcome) {
    case "planned":
      return countsText(preview.plan);
    case "failed":
      return "❌ refused";
    case "new":
      return "not in the backend yet: `pulumi stack init`";
    case "unconfigured":
      return "no backend configured";
    case "unreadable":
      return unreadable;
    case undefined:
      return "not run";
  }
}

function rehearsalCell(rehearsal: StackReport["rehearsal"]): string {
  switch (rehearsal?.outcome) {
    case "rehearsed": {
      const { links, missingPeers } = rehearsal.outputs;
      const missing = missingPeers.length === 0 ? "" : `; without ${codes(missingPeers)}`;
      return `✅ ${String(links.length)} ${links.length === 1 ? "link" : "links"}, ${String(rehearsal.seconds)} s${missing}`;
    }
    case "failed":
      return "❌ failed";
    case "unreadable":
      return unreadable;
    case undefined:
      return "not run";
  }
}

/** The most room that headings, fences and folds take. */
const frame = 600;

/** What a reader looks for first gets its room first. */
function details({ stack, preview, rehearsal }: StackReport, room: number): string {
  const parts: string[] = [];
  const left = (): number => Math.max(0, room - frame - parts.join("\n\n").length);
  if (preview && "plan" in preview) {
    parts.push(messagesBlock(preview.plan, left() / 3));
  }
  if (rehearsal?.outcome === "failed") {
    parts.push(folded("The end of the rehearsal", fenced(lastLines(rehearsal.log, left() / 2))));
  } else if (rehearsal?.outcome === "rehearsed" && rehearsal.outputs.topology.length < left() / 2) {
    const { topology } = rehearsal.outputs;
    const block = isTopology(topology) ? fenced(topology, "mermaid") : fenced(lastLines(topology, left() / 2));
    parts.push(folded("Topology", block));
  }
  if (preview && "plan" in preview && preview.plan.changes.length > 0) {
    parts.push(folded(`Plan: ${countsText(preview.plan)}`, changesBlock(preview.plan, left())));
  }
  const shown = parts.filter((part) => part !== "");
  return shown.length === 0 ? "" : [`#### ${code(stack)}`, ...shown, ""].join("\n\n");
}

/** A reader could not follow a longer diagram. */
const longestTopology = 50_000;

/** Labels have plain characters, and Mermaid's codes for any others. */
const text = String.raw`(?:[\w .:/-]|#\d+;)*`;
const label = String.raw`(?:[\w .:/-]|#\d+;|<br/>|</?b>)*`;
const id = String.raw`[cn]_\w+`;
const node = String.raw`${id}(?:\["${label}"\]|\(\["${label}\(another stack\)"\]\))`;
const arrow = String.raw`${id} <?-->\|${text}\| ${id}`;
const diagram = new RegExp(
  String.raw`^flowchart LR\n {2}subgraph network\["${text}"\]\n(?: {4}${node}\n)* {2}end\n(?: {2}${arrow}\n)*$`,
);

/**
 * Whether a text is a diagram like those of the program's output `topology`. Mermaid's language has links, styles and directives:
 * what comes from another job is drawn only if it has none of them.
 */
export function isTopology(text: string): boolean {
  return text.length <= longestTopology && diagram.test(text);
}
