import builder from "junit-report-builder";
import { printable, printableLine } from "../../printable";
import { longestText, type Report } from "./report";

/**
 * For build servers: a suite a check, in it a case a cluster (and one for what is between several). Warnings are output, and what
 * could not be read is an error.
 */
export function junitReport(report: Report): string {
  const root = builder.newBuilder();
  for (const { id, title, see, findings, seconds } of report.checks) {
    const suite = root.testSuite().name(id).timestamp(report.startedAt).time(seconds);
    suite.property("title", title);
    if (see !== undefined) {
      suite.property("see", see);
    }
    const more = see === undefined ? "" : `\n\nSee ${see}`;
    const subjects = [...new Set(findings.map(({ cluster }) => cluster))];
    for (const subject of subjects.length > 0 ? subjects : [undefined]) {
      const own = findings.filter(({ cluster }) => cluster === subject);
      const test = suite
        .testCase()
        .className(`flatmesh.${id}`)
        .name(printableLine(subject ?? report.source.name, { longest: longestText }));
      const text = (list: typeof own) =>
        list
          .map(({ message, remedy, causedBy }) =>
            [
              shown(message),
              ...(causedBy === undefined ? [] : [`${causedBy.check} explains it: mend that first`]),
              ...(remedy === undefined ? [] : [shown(remedy)]),
            ].join("\n"),
          )
          .join("\n\n");
      const of = (...kinds: readonly string[]) => own.filter(({ status }) => kinds.includes(status));
      const [failed, unknown] = [of("failed"), of("unknown")];
      const rest = of("passed", "warning", "notObservable", "notApplicable");
      if (failed[0]) {
        test.failure(`${text(failed)}${more}`, "failed");
      } else if (unknown[0]) {
        test.error(shown(unknown[0].message), "unknown", `${text(unknown)}${more}`);
      } else if (
        rest.length > 0 &&
        rest.every(({ status }) => status === "notObservable" || status === "notApplicable")
      ) {
        test.skipped();
      }
      if (rest.length > 0) {
        test.standardOutput(text(rest));
      }
    }
  }
  return root.build();
}

/** What ends a section of character data is left alone by the builder from its second time on. */
function shown(text: string): string {
  return printable(text, { longest: longestText }).replaceAll("]]>", "]]\\x3e");
}
