import { type Check, type Finding, runChecks } from "../../../checks";
import type { Cluster, Expected } from "../../../checks/inventory";

/** What a check finds in a mesh of these clusters. */
export async function look(check: Check, clusters: readonly Cluster[], expected: Expected = {}) {
  const [result] = await runChecks([check], { clusters, expected });
  return result?.findings ?? [];
}

/** Findings as `<status> <cluster>: <message>`, without those that are as they should be. */
export function bad(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ status }) => ["failed", "warning", "unknown"].includes(status))
    .map(({ status, cluster = "between", message }) => `${status} ${cluster}: ${message}`);
}

/** What is as it should be, or can't be seen, in the same form. */
export function good(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ status }) => !["failed", "warning", "unknown"].includes(status))
    .map(({ status, cluster = "between", message }) => `${status} ${cluster}: ${message}`);
}
