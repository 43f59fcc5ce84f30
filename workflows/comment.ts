import { code, codes, fenced, folded, lastLines, longestBody } from "./markdown";
import { changesBlock, countsText, messagesBlock } from "./plan-text";
import type { Preview } from "./preview";
import type { Rehearsal } from "./rehearsal";
import { isTopology } from "./topology";
import { mostStacks } from "./touched";

/** What a job has left is no report as this program writes them: it ran code of the pull request. */
export interface Unreadable {
  readonly outcome: "unreadable";
}

/** What there is to say of one stack. A part is absent where its job did not come to its end. */
export interface StackReport {
  readonly stack: string;
  readonly preview?: Preview | Unreadable | undefined;
  readonly rehearsal?: Rehearsal | Unreadable | undefined;
}

/**
 * A comment on a pull request: what it would change, whether it rehearses, and what the meshes look like.
 *
 * @param leftOut Stacks that it touches beyond those that a run takes.
 */
export function commentText(reports: readonly StackReport[], leftOut: readonly string[] = []): string {
  if (reports.length === 0) {
    return "### flatmesh\n\nThis change touches no stack.\n";
  }
  const table = [
    "| Stack | Plan | Rehearsal |",
    "| --- | --- | --- |",
    ...reports.map(({ stack, preview, rehearsal }) => {
      return `| ${code(stack)} | ${previewVerdict(preview)} | ${rehearsalVerdict(rehearsal)} |`;
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
        `A run takes ${String(mostStacks)} stacks. Neither previewed nor rehearsed: ${codes(leftOut)}. Split the change, or rehearse ` +
          "them yourself: `npm start -- --stack NAME`.\n",
      ];
}

const unreadable = "❓ its report can't be read: see the run";

function previewVerdict(preview: StackReport["preview"]): string {
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

function rehearsalVerdict(rehearsal: StackReport["rehearsal"]): string {
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

/** Room that headings, fences and folds take at the most. */
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
  const told = parts.filter((part) => part !== "");
  return told.length === 0 ? "" : [`#### ${code(stack)}`, ...told, ""].join("\n\n");
}
