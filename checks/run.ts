import { type Check, type Finding, sectionOfCheck, type Status, statuses, worst } from "./check";
import { readFailure } from "./inventory/each-cluster";
import type { Mesh } from "./inventory";
import type { Report } from "./report";
import type { Source } from "./sources";

/** What one check came to. */
export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly status: Status;
  /** The section of docs/ about the check. */
  readonly see: string;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

/**
 * Puts every check to a mesh, side by side.
 *
 * @param settled Hears of each check when it is done, in that order.
 */
export async function runChecks(
  checks: readonly Check[],
  mesh: Mesh,
  settled: (result: CheckResult) => void = () => undefined,
): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => {
      const start = performance.now();
      const findings = await check.run(mesh).catch((error: unknown): Finding[] => {
        const [message, remedy] = readFailure(error);
        return [{ status: "unknown", message, remedy }];
      });
      const { id, title } = check;
      const seconds = Math.round(performance.now() - start) / 1000;
      const result = { id, title, status: worst(findings), see: sectionOfCheck(id), findings, seconds };
      settled(result);
      return result;
    }),
  );
}

/** The exit code of a run: 0 where every check holds, 1 where one does not, 2 where one could not read something and none failed. */
export function exitCode(results: readonly Pick<CheckResult, "status">[]): 0 | 1 | 2 {
  const status = worst(results);
  return status === "failed" ? 1 : status === "unknown" ? 2 : 0;
}

/** Puts checks to a mesh, and gives the report. */
export async function checkSource(
  { kind, name, mesh }: Source,
  mode: Report["mode"],
  checks: readonly Check[],
  settled?: (result: CheckResult) => void,
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
