import { setTimeout as sleep } from "node:timers/promises";
import { explain, type ExplainedFinding } from "./causes";
import { type Check, type Finding, sectionOfCheck, type Status, statuses, worst } from "./check";
import { readFailure } from "./inventory/each-cluster";
import { type Mesh, OutOfTime, Watch } from "./inventory";
import type { Report } from "./report";
import type { Source } from "./sources";

/** How long one check may take, in seconds, and how long it then has to say what it has found. */
const [mostSeconds, grace] = [30, 0.5];

/** What one check came to. */
export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly status: Status;
  /** The section of docs/ about the check. */
  readonly see: string;
  readonly findings: readonly ExplainedFinding[];
  readonly seconds: number;
}

export interface RunOptions {
  /** Hears of each finding when it is made. */
  readonly found?: (check: Check, finding: Finding) => void;
  /** Hears of each check when it is done. */
  readonly settled?: (check: Check) => void;
  /** How long each check may take. */
  readonly seconds?: number;
}

/** Puts every check to a mesh, side by side, and says which findings follow from others. */
export async function runChecks(
  checks: readonly Check[],
  mesh: Mesh,
  { found, settled, seconds = mostSeconds }: RunOptions = {},
): Promise<CheckResult[]> {
  const made = await Promise.all(
    checks.map(async (check) => {
      const start = performance.now();
      const watch = new Watch(seconds, (finding) => found?.(check, finding));
      const findings = await look(check, mesh, watch);
      watch.end();
      const heard = new Set(watch.findings);
      findings.filter((finding) => !heard.has(finding)).forEach((finding) => found?.(check, finding));
      settled?.(check);
      return { check, findings, seconds: Math.round(performance.now() - start) / 1000 };
    }),
  );
  const explained = explain(made, mesh);
  return made.map(({ check: { id, title }, seconds: taken }, index) => {
    const findings = explained[index] ?? [];
    return { id, title, status: worst(findings), see: sectionOfCheck(id), findings, seconds: taken };
  });
}

/** What a check finds; where it does not end, what it has found until then, and that this is not all. */
async function look(check: Check, mesh: Mesh, watch: Watch): Promise<readonly Finding[]> {
  try {
    const looking = check.run({ ...mesh, watch });
    return await watch.bound(looking).catch(async (error: unknown) => {
      if (!(error instanceof OutOfTime)) {
        throw error;
      }
      return Promise.race([looking, rejectAfter(grace, error)]);
    });
  } catch (error) {
    const [message, remedy] = readFailure(error);
    return [...watch.findings, { status: "unknown", message, remedy }];
  }
}

async function rejectAfter(seconds: number, error: Error): Promise<never> {
  await sleep(seconds * 1000);
  throw error;
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
  options?: RunOptions,
): Promise<Report> {
  const startedAt = new Date();
  const results = await runChecks(checks, mesh, options);
  const count = (status: (typeof statuses)[number]) => results.filter((result) => result.status === status).length;
  return {
    schemaVersion: 1,
    source: { kind, name },
    mode,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    clusters: mesh.clusters.map((cluster) => cluster.name),
    checks: results.map(({ findings, ...result }) => ({
      ...result,
      findings: findings.map(({ calls, ...finding }) => ({ ...finding, ...(calls && { calls: [...calls] }) })),
    })),
    summary: Object.fromEntries(statuses.map((status) => [status, count(status)])) as Report["summary"],
    exitCode: exitCode(results),
  };
}
