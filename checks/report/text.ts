import { styleText } from "node:util";
import { printableBlock, printableLine } from "../../printable";
import { isTrouble, type Status } from "../check";
import { longestText, type Report } from "./report";

type Result = Report["checks"][number];
type Finding = Result["findings"][number];

/** A finding that follows from another one, with the check that has made it. */
type Consequence = Finding & { readonly check: string };

/** How a status is written: the same words with and without colour. */
export const words: Readonly<Record<Status, string>> = {
  passed: "ok",
  notApplicable: "n/a",
  notObservable: "not observable",
  warning: "warning",
  unknown: "unknown",
  failed: "FAILED",
};

const colours: Readonly<Record<Status, Parameters<typeof styleText>[0]>> = {
  passed: "green",
  notApplicable: "gray",
  notObservable: "cyan",
  warning: "yellow",
  unknown: "magenta",
  failed: "red",
};

export interface TextOptions {
  readonly colour: boolean;
  /** Whether what holds is printed as well. */
  readonly verbose: boolean;
}

const where: Readonly<Record<Report["source"]["kind"], (name: string) => string>> = {
  stack: (name) => `stack ${name}`,
  rehearsal: (name) => `the rehearsal of stack ${name}`,
  settings: (name) => `the settings of stack ${name}`,
  contexts: (name) => `contexts ${name}`,
};

/**
 * For the person at the console: a line a check, and below it what does not hold, with what to do. What clusters have said in it
 * is printable.
 */
export function textReport(report: Report, { colour, verbose }: TextOptions): string {
  const painted = (status: Status, text: string) =>
    colour ? styleText(colours[status], text, { validateStream: false }) : text;
  const { source, clusters, checks, seconds } = report;
  const widest = Math.max(...Object.values(words).map((word) => word.length));
  const told = (indent: string, { clusters: names, status, ...finding }: Together<Finding>, suffix = "") =>
    `${indent}${painted(status, words[status])}: ${names && `${name(names)}: `}${message(finding.message)}${suffix}`;
  const lines = checks.flatMap((check) => {
    const { id, title, status, see, findings } = check;
    const shown = findings.filter((finding) => causeIn(report, finding) === undefined);
    const telling = shown.filter((finding) => verbose || !["passed", "notApplicable"].includes(finding.status));
    const consequences = together(consequencesOf(report, check));
    return [
      `${painted(status, words[status].padEnd(widest))}  ${title} (${id})`,
      ...together(telling.length === 0 && status === "notApplicable" ? shown : telling).flatMap((finding) => [
        told("  ", finding),
        ...(finding.remedy === undefined ? [] : [`    → ${message(finding.remedy)}`]),
      ]),
      ...(consequences.length > 0 ? ["  Other findings that this explains:"] : []),
      ...consequences.flatMap((finding) => [
        told("    ", finding, ` (${finding.check})`),
        ...(finding.remedy !== undefined && verbose ? [`      → ${message(finding.remedy)}`] : []),
      ]),
      ...explained(report, check).map((text) => `  ${text}`),
      ...(see !== undefined && isTrouble(status) && shown.some((one) => isTrouble(one.status)) ? [`  See ${see}`] : []),
    ];
  });
  return [
    `${where[source.kind](name(source.name))}: ${name(clusters.join(", ")) || "no clusters to look at"}`,
    ...lines,
    "",
    `${summaryText(report)} (${seconds.toFixed(1)} s)`,
    "",
  ].join("\n");
}

function name(text: string): string {
  return printableLine(text, { longest: longestText });
}

/** Its further lines are indented deeper than any line of the report. */
function message(text: string): string {
  return printableBlock(text, "      ", { longest: longestText });
}

/** The check under which a finding is shown as a consequence, if that is another one. */
function causeIn({ checks }: Report, { causedBy }: Finding): Result | undefined {
  return causedBy && checks.find(({ id }) => id === causedBy.check);
}

/** What follows from the findings of a check, in the order of the report. */
function consequencesOf(report: Report, cause: Result): Consequence[] {
  return report.checks.flatMap(({ id, findings }) =>
    findings.flatMap((finding) => (causeIn(report, finding) === cause ? [{ ...finding, check: id }] : [])),
  );
}

/** Where those findings of a check are that are shown elsewhere. */
function explained(report: Report, { findings }: Result): string[] {
  const causes = new Map<string, number>();
  for (const finding of findings) {
    const cause = causeIn(report, finding)?.id;
    if (cause !== undefined) {
      causes.set(cause, (causes.get(cause) ?? 0) + 1);
    }
  }
  return [...causes].map(
    ([cause, count]) =>
      `${String(count)} ${count === 1 ? "finding" : "findings"} explained by ${cause}, and shown there`,
  );
}

type Together<One> = One & { readonly clusters: string };

/** Joins what is the same for several clusters. */
function together<One extends Finding & { readonly check?: string }>(findings: readonly One[]): Together<One>[] {
  const groups = new Map<string, One[]>();
  for (const finding of findings) {
    const { status, message: text, remedy, check } = finding;
    const key = JSON.stringify([status, text, remedy, check]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [
          {
            ...first,
            clusters: [first, ...others].flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster])).join(", "),
          },
        ],
  );
}

/** Such as `14 ok, 1 FAILED, 3 not observable`. */
export function summaryText({ summary }: Pick<Report, "summary">): string {
  return (Object.keys(words) as Status[])
    .flatMap((status) => (summary[status] ? [`${String(summary[status])} ${words[status]}`] : []))
    .join(", ");
}
