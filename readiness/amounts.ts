/** What a workload's container requests and may have in a namespace: by itself, or by the namespace's limit ranges. */
import type { LimitRange } from "./facts";
import type { Workload } from "./workloads";

/** A request that is not given is as much as the limit: Kubernetes fills it in before admission. */
export function requestOf(
  { requests, limits }: Workload,
  resource: string,
  ranges: readonly LimitRange[],
): string | undefined {
  return requests[resource] ?? limits[resource] ?? defaultIn(ranges, "defaultRequest", resource);
}

export function limitOf({ limits }: Workload, resource: string, ranges: readonly LimitRange[]): string | undefined {
  return limits[resource] ?? defaultIn(ranges, "default", resource);
}

function defaultIn(
  ranges: readonly LimitRange[],
  kind: "default" | "defaultRequest",
  resource: string,
): string | undefined {
  const limits = ranges.flatMap((range) => range.limits.filter(({ type }) => type === "Container"));
  return limits.find((limit) => limit[kind][resource] !== undefined)?.[kind][resource];
}
