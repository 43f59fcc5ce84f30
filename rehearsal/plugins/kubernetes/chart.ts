import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { JsonObject } from "../protocol/values";
import { helm } from "./helm";

/** Where a chart comes from: a folder, a package, or an `oci://` address. */
export interface ChartSource {
  readonly chart: string;
  readonly version: string | undefined;
}

/** The exact version of a chart, which is what a release has. Throws when there is no such chart. */
export async function chartVersion(chartSource: ChartSource): Promise<string> {
  const { chart } = chartSource;
  const description =
    (await localDescription(chart)) ?? (await helm({ args: ["show", "chart", ...sourceArgs(chartSource)] }));
  const { version: exact } = parse(description) as JsonObject;
  if (typeof exact !== "string") {
    throw new Error(`${chart} has a Chart.yaml without a version`);
  }
  return exact;
}

export function sourceArgs({ chart, version }: ChartSource): string[] {
  return [chart, ...(version === undefined ? [] : ["--version", version])];
}

/** A folder's description can be read without starting helm. */
async function localDescription(chart: string): Promise<string | undefined> {
  const folder = await stat(chart).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return folder ? readFile(join(chart, "Chart.yaml"), "utf8") : undefined;
}
