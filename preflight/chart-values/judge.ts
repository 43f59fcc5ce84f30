import type { LayeredValue } from "../../chart-values";
import type { PlannedRelease } from "../../components/planned-releases";
import { failure, type Problem, warning } from "../problems";
import { type Chart, knows, nearestKnown } from "./chart";
import type { FieldProblem } from "./object-fields";

/** The section of the documents on values. */
export const section = "docs/chart-values.md#what-is-checked";

/** What was found out about the values of a release. */
export interface LookedAt {
  /** Name of the stack, for the command that shows all values. */
  readonly stack: string;
  readonly release: PlannedRelease;
  readonly chart: Chart;
  /** Why it can't be rendered. */
  readonly unrenderable?: string;
  /** What is wrong with the objects that it makes, by object; what is so without the settings' values left out. */
  readonly objects: readonly { readonly object: string; readonly problem: FieldProblem }[];
}

/** Something to say of values. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly text: string;
  /** Whether it is so in a cluster, and not in the settings alone. */
  readonly inCluster: boolean;
}

/** A chart does nothing with a value that it does not know, and says nothing either. */
export function judgeRelease({ stack, release, chart, unrenderable, objects }: LookedAt): Finding[] {
  const { own } = release;
  const show = `npm run values -- --stack ${stack} --chart ${release.chart}`;
  const name = `chart ${release.chart} ${release.reference.version}`;
  const values = `the values of ${originsOf(own)}`;
  const correct = `Correct them; to see all of the release's values and where each is from: ${show}`;
  const unknown = own.filter(({ path }) => !knows(chart, path)).map((value) => unknownValue(value, name, chart));
  if (unrenderable !== undefined) {
    return [...unknown, refused(`${name} can't be rendered with ${values}: ${unrenderable}. ${correct}`)];
  }
  return [
    ...unknown,
    ...objects.map(({ object, problem }): Finding =>
      problem.refused
        ? refused(`with ${values}, ${name} makes ${object} one that no API server takes: ${problem.text}. ${correct}`)
        : {
            severity: "warning",
            text: `with ${values}, ${name} gives ${object} what no API server knows: ${problem.text}`,
            inCluster: true,
          },
    ),
  ];
}

function refused(text: string): Finding {
  return { severity: "error", text, inCluster: true };
}

function unknownValue({ path, origin }: LayeredValue, name: string, chart: Chart): Finding {
  const nearest = nearestKnown(chart, path);
  return {
    severity: "warning",
    text:
      `${placeOf(origin, path)}: ${name} has no value ${path.join(".")}, and does nothing with it` +
      (nearest === undefined ? "" : `. Did you mean ${nearest}?`),
    inCluster: false,
  };
}

/** What is so in several clusters is said once. */
export function together(
  found: readonly { readonly cluster: string; readonly findings: readonly Finding[] }[],
): Problem[] {
  const texts = new Map<string, { readonly finding: Finding; readonly clusters: string[] }>();
  for (const { cluster, findings } of found) {
    for (const finding of findings) {
      const same = texts.get(finding.text) ?? { finding, clusters: [] };
      texts.set(finding.text, same);
      same.clusters.push(cluster);
    }
  }
  return [...texts.values()].map(({ finding: { severity, text, inCluster }, clusters }) => {
    const message = inCluster ? `Cluster ${clusters.join(", ")}: ${text}` : text;
    return severity === "error" ? failure(message, section) : warning(message);
  });
}

/** Own values stand in the settings under the keys that they have in the chart; a short setting is a key itself. */
function placeOf(origin: string, path: readonly string[]): string {
  return /(^|\.)values\.\w+$/.test(origin) ? `${origin}.${path.join(".")}` : origin;
}

function originsOf(own: readonly LayeredValue[]): string {
  return [...new Set(own.map(({ origin }) => origin))].join(", ");
}
