import { type Leaf, leavesOf } from "../chart-values/layers";
import { type ChartName, chartNames, formerKeys, guardedValues } from "./guarded-values";
import { isMap, type PartialConfig, type Report } from "./issues";
import { kindOf } from "./value-texts";

/** Own values leave alone what the mesh stands on, and are for a chart that is there. */
export function checkOwnValues(config: PartialConfig, report: Report): void {
  const { valid, clusters } = config;
  const places = [
    { path: [] as PropertyKey[], values: valid.values },
    ...clusters.map(({ values }, index) => ({ path: ["clusters", index], values })),
  ];
  for (const place of places) {
    for (const chart of chartNames) {
      const values = place.values?.[chart];
      const path = [...place.path, "values", chart];
      if (values === undefined) {
        continue;
      }
      if (chart === "peering" && (valid.linkMethod !== "chart" || valid.distribution === "community")) {
        report({
          path,
          problem: "is for the peering chart, which this stack does not use",
          remedy: "remove it, or write linkMethod: chart (solo distribution, 1.29 and later)",
        });
        continue;
      }
      leavesOf(values).forEach((value) => {
        checkValue(chart, value, path, report);
      });
    }
  }
}

function checkValue(chart: ChartName, { path, value }: Leaf, at: readonly PropertyKey[], report: Report): void {
  // ztunnel's chart takes what is global for the top.
  const outer = chart === "ztunnel" ? "global" : formerKeys[chart];
  const alike = outer !== undefined && path[0] === outer ? [path, path.slice(1)] : [path];
  for (const guarded of guardedValues[chart]) {
    const keys = guarded.key.split(".");
    // A map's place is taken by what is no map, and everything in it with it.
    const replaced = alike.find((one) => isPrefix(one, keys) && !(isMap(value) && one.length < keys.length));
    const found = alike.find((one) => isPrefix(keys, one)) ?? replaced;
    if (found === undefined || guarded.allows?.(value) === true) {
      continue;
    }
    report({
      path: [...at, ...path],
      problem:
        found.length < keys.length
          ? `is ${kindOf(value)}, which takes away ${guarded.key}: ${guarded.reason}`
          : `can't be changed: ${guarded.reason}`,
      remedy: guarded.remedy,
    });
    return;
  }
}

function isPrefix(short: readonly string[], long: readonly string[]): boolean {
  return short.length <= long.length && short.every((key, index) => key === long[index]);
}
