import { type Check, type Cluster, type Expected, type Finding, runChecks, type Status } from "../../../checks";

/** What a check finds in clusters, a line each: `failed east: message`. */
export async function found(check: Check, clusters: readonly Cluster[], expected: Expected = {}): Promise<string[]> {
  const [result] = await runChecks([check], { clusters, expected });
  return (result?.findings ?? []).map(
    ({ status, cluster, message }) => `${status} ${cluster === undefined ? "" : `${cluster}: `}${message}`,
  );
}

/** The findings of some statuses, whole. */
export async function findings(
  check: Check,
  clusters: readonly Cluster[],
  statuses: readonly Status[],
  expected: Expected = {},
): Promise<readonly Finding[]> {
  const [result] = await runChecks([check], { clusters, expected });
  return (result?.findings ?? []).filter(({ status }) => statuses.includes(status));
}
