import { fenced, folded, lastLines, longestBody } from "./markdown";
import { changesBlock, countsText, messagesBlock } from "./plan-text";
import type { Preview } from "./preview";
import type { Rehearsal } from "./rehearsal";

/** What there is to say of one stack. A part is absent where its job did not come to its end. */
export interface StackReport {
  readonly stack: string;
  readonly preview?: Preview | undefined;
  readonly rehearsal?: Rehearsal | undefined;
}

/** A comment on a pull request: what it would change, whether it rehearses, and what the meshes look like. */
export function commentText(reports: readonly StackReport[]): string {
  if (reports.length === 0) {
    return "### flatmesh\n\nThis change touches no stack.\n";
  }
  const table = [
    "| Stack | Plan | Rehearsal |",
    "| --- | --- | --- |",
    ...reports.map(({ stack, preview, rehearsal }) => {
      return `| \`${stack}\` | ${previewVerdict(preview)} | ${rehearsalVerdict(rehearsal)} |`;
    }),
  ].join("\n");
  const head = `### flatmesh\n\n${table}\n`;
  const room = Math.floor((longestBody - head.length) / reports.length);
  return [head, ...reports.map((report) => details(report, room))].join("\n");
}

function previewVerdict(preview: Preview | undefined): string {
  switch (preview?.outcome) {
    case "planned":
      return countsText(preview.plan);
    case "failed":
      return "❌ refused";
    case "new":
      return "not in the backend yet: `pulumi stack init`";
    case "unconfigured":
      return "no backend configured";
    case undefined:
      return "not run";
  }
}

function rehearsalVerdict(rehearsal: Rehearsal | undefined): string {
  switch (rehearsal?.outcome) {
    case "rehearsed": {
      const { links, missingPeers } = rehearsal.outputs;
      const missing =
        missingPeers.length === 0 ? "" : `; without ${missingPeers.map((peer) => `\`${peer}\``).join(", ")}`;
      return `✅ ${String(links.length)} ${links.length === 1 ? "link" : "links"}, ${String(rehearsal.seconds)} s${missing}`;
    }
    case "failed":
      return "❌ failed";
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
  } else if (rehearsal && rehearsal.outputs.topology.length < left() / 2) {
    parts.push(folded("Topology", fenced(rehearsal.outputs.topology, "mermaid")));
  }
  if (preview && "plan" in preview && preview.plan.changes.length > 0) {
    parts.push(folded(`Plan: ${countsText(preview.plan)}`, changesBlock(preview.plan, left())));
  }
  const told = parts.filter((part) => part !== "");
  return told.length === 0 ? "" : [`#### \`${stack}\``, ...told, ""].join("\n\n");
}
