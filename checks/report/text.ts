import { styleText } from "node:util";
import { printableBlock, printableLine } from "../../printable";
import { isTrouble, type Status } from "../check";
import { longestText, type Report } from "./report";

type Finding = Report["checks"][number]["findings"][number];

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
  const lines = checks.flatMap(({ id, title, status, see, findings }) => {
    const telling = findings.filter((finding) => verbose || !["passed", "notApplicable"].includes(finding.status));
    const shown = telling.length === 0 && status === "notApplicable" ? findings : telling;
    return [
      `${painted(status, words[status].padEnd(widest))}  ${title} (${id})`,
      ...together(shown).flatMap(({ clusters: names, ...finding }) => [
        `  ${painted(finding.status, words[finding.status])}: ${names && `${name(names)}: `}${message(finding.message)}`,
        ...(finding.remedy === undefined ? [] : [`    → ${message(finding.remedy)}`]),
      ]),
      ...(see !== undefined && isTrouble(status) ? [`  See ${see}`] : []),
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

/** Joins what is the same for several clusters. */
function together(findings: readonly Finding[]): (Finding & { readonly clusters: string })[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.status, finding.message, finding.remedy]);
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
