import { type Cause, excerpt, type Finding } from "../../kubernetes";
import { printableBlock, printableLine, withoutSecrets } from "../../printable";

/** More than these are not read. */
const [mostFindings, longestLine, mostLines] = [6, 400, 6];

export interface FailureMessage {
  /** What failed, and where: a whole sentence without its full stop. */
  readonly what: string;
  /** What was seen in the cluster. */
  readonly findings: readonly Finding[];
  /** What the error itself says, if that is known. */
  readonly cause: Cause | undefined;
  /** What is said where neither is there. */
  readonly otherwise: string | undefined;
  /** What else the user should know. */
  readonly note?: string;
  /** Texts that are not shown. */
  readonly secrets: readonly string[];
}

/** The section on all of these messages. */
const failureSection = "docs/troubleshooting.md#a-helm-release-fails";

/** Says why something failed and what mends it; undefined where nothing is known beyond the error itself. */
export function failureMessage(message: FailureMessage): string | undefined {
  const { what, findings, cause, otherwise, note, secrets } = message;
  const clean = (text: string) => printableLine(withoutSecrets(text, secrets), { longest: 1000 });
  const points = [
    ...(cause === undefined ? [] : [`- ${sentence(clean(cause.reason))}\n  ${clean(cause.remedy)}`]),
    ...findings.slice(0, mostFindings).map((finding) => point(finding, clean, secrets)),
    ...(findings.length > mostFindings ? [`- and ${String(findings.length - mostFindings)} more`] : []),
  ];
  if (points.length === 0 && otherwise === undefined) {
    return undefined;
  }
  const lines = points.length === 0 ? [otherwise ?? ""] : points;
  return [`${what}.`, ...lines, ...(note === undefined ? [] : [note]), `See ${failureSection}`].join("\n");
}

/** What is said before something is retried. */
export function retryMessage(clusterName: string, error: string, seconds: number, secrets: readonly string[]): string {
  return (
    `Cluster ${clusterName}: its API server has a temporary problem, trying again in ${String(seconds)} seconds: ` +
    withoutSecrets(excerpt(error), secrets)
  );
}

/** One finding on one line, without its remedy. */
export function findingLine({ workload, pods, reason }: Finding, secrets: readonly string[]): string {
  const share = pods && pods.wanted > 1 ? ` (${String(pods.affected)} of ${String(pods.wanted)} pods)` : "";
  return printableLine(`${workload}${share}: ${withoutSecrets(reason, secrets)}`, { longest: 1000 });
}

function point(finding: Finding, clean: (text: string) => string, secrets: readonly string[]): string {
  const { remedy, log } = finding;
  const lines = [`- ${sentence(findingLine(finding, secrets))}`, `  ${clean(remedy)}`];
  if (log !== undefined) {
    // Secrets first: one may go over several lines.
    const last = withoutSecrets(log.text, secrets).split("\n").slice(-mostLines);
    const shown = last.map((line) => printableLine(line.trimEnd(), { longest: longestLine }));
    lines.push(`  Last lines of ${clean(`${log.pod}/${log.container}`)}:`);
    lines.push(`    ${printableBlock(shown.join("\n"), "    ")}`);
  }
  return lines.join("\n");
}

function sentence(text: string): string {
  return /[.…!?]$/.test(text) ? text : `${text}.`;
}
