import type { LayeredValue } from "../../chart-values";
import type { PlannedRelease } from "../../components/planned-releases";
import { failure, type Problem, warning } from "../problems";
import { type Chart, knows, nearestKnown } from "./chart";
import type { FieldProblem } from "./object-fields";

/** The section of the documents on values. */
export const section = "docs/chart-values.md#what-is-checked";

/** What was found out about the values of a release. */
export interface LookedAt {
  readonly release: PlannedRelease;
  readonly chart: Chart;
  /** Why it can't be rendered. */
  readonly unrenderable?: string;
  /** What is wrong with the objects that it makes, by object; what is so without the settings' values left out. */
  readonly objects: readonly { readonly object: string; readonly problem: FieldProblem }[];
}

/** A chart does nothing with a value that it does not know, and says nothing either. */
export function judgeRelease({ release, chart, unrenderable, objects }: LookedAt): Problem[] {
  const { cluster, own } = release;
  const name = `chart ${release.chart} ${release.reference.version}`;
  const unknown = own.filter(({ path }) => !knows(chart, path)).map((value) => unknownValue(value, name, chart));
  if (unrenderable !== undefined) {
    return [
      ...unknown,
      failure(
        `Cluster ${cluster}: ${name} can't be rendered with the values of ${originsOf(own)}: ${unrenderable}. Correct them; ` +
          "`npm run values` shows all of the release's values.",
        section,
      ),
    ];
  }
  const problems = objects.map(({ object, problem: { refused, text } }) =>
    refused
      ? failure(
          `Cluster ${cluster}: with the values of ${originsOf(own)}, ${name} makes ${object} one that no API server takes: ${text}. ` +
            "Correct them; `npm run values` shows all of the release's values.",
          section,
        )
      : warning(
          `Cluster ${cluster}: with the values of ${originsOf(own)}, ${name} gives ${object} what no API server knows: ${text}`,
        ),
  );
  return [...unknown, ...problems];
}

function unknownValue({ path, origin }: LayeredValue, name: string, chart: Chart): Problem {
  const nearest = nearestKnown(chart, path);
  return warning(
    `${placeOf(origin, path)}: ${name} has no value ${path.join(".")}, and does nothing with it` +
      (nearest === undefined ? "" : `. Did you mean ${nearest}?`),
  );
}

/** Own values stand in the settings under the keys that they have in the chart; a short setting is a key itself. */
function placeOf(origin: string, path: readonly string[]): string {
  return /(^|\.)values\.\w+$/.test(origin) ? `${origin}.${path.join(".")}` : origin;
}

function originsOf(own: readonly LayeredValue[]): string {
  return [...new Set(own.map(({ origin }) => origin))].join(", ");
}
