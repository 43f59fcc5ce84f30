import { type Check, statuses } from "./check";
import type { Report } from "./report";
import { exitCode, type Result, runChecks } from "./run";
import type { Source } from "./sources";

/** Puts checks to a mesh, and gives the report. */
export async function checkSource(
  { kind, name, mesh }: Source,
  mode: Report["mode"],
  checks: readonly Check[],
  settled?: (result: Result) => void,
): Promise<Report> {
  const startedAt = new Date();
  const results = await runChecks(checks, mesh, settled);
  const count = (status: (typeof statuses)[number]) => results.filter((result) => result.status === status).length;
  return {
    schemaVersion: 1,
    source: { kind, name },
    mode,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    clusters: mesh.clusters.map((cluster) => cluster.name),
    checks: results.map(({ findings, ...result }) => ({ ...result, findings: [...findings] })),
    summary: Object.fromEntries(statuses.map((status) => [status, count(status)])) as Report["summary"],
    exitCode: exitCode(results),
  };
}
