import { limitOf, requestOf } from "../amounts";
import type { Concern } from "../concern";
import type { Facts, LimitRange } from "../facts";
import type { InstallPlan } from "../plan";
import { quantity } from "../../kubernetes";
import { shownAmount, type Workload } from "../workloads";

/** What of a limit range keeps workloads from coming up that the API server has not been asked about, or has refused. */
export function rangeConcerns(
  range: LimitRange,
  { probed }: Facts,
  { workloads, hasSettings }: InstallPlan,
): Concern[] {
  return workloads
    .filter(
      ({ name }) =>
        !probed.some(
          (one) =>
            one.namespace === range.namespace &&
            one.kind === "Pod" &&
            one.name === name &&
            one.outcome.is === "admitted",
        ),
    )
    .flatMap((workload) => {
      const reason = (["cpu", "memory"] as const).flatMap(
        (resource) => rangeReason(range, workload, resource) ?? [],
      )[0];
      const edit = `kubectl edit limitrange ${range.name} -n ${range.namespace}`;
      return reason === undefined
        ? []
        : [
            {
              topic: "quotas",
              severity: "refuse",
              message: `LimitRange ${range.namespace}/${range.name} would keep ${workload.name} from coming up: ${reason}`,
              remedy: hasSettings
                ? `Change it (${edit}), delete it, or set ${workload.settings.resources} so that it fits.`
                : `Change it (${edit}), or delete it.`,
            } as const,
          ];
    });
}

function rangeReason(range: LimitRange, workload: Workload, resource: "cpu" | "memory"): string | undefined {
  const [requested, limited] = [requestOf(workload, resource, [range]), limitOf(workload, resource, [range])];
  const [request, limit] = [requested, limited].map((text) => (text === undefined ? undefined : quantity(text)));
  const shown = (amount = "") => shownAmount(workload, amount);
  const isOwn = workload.limits[resource] !== undefined;
  if (!isOwn && request !== undefined && limit !== undefined && limit < request) {
    return `its container requests ${shown(requested)} of ${resource}, and would get a limit of ${limited ?? ""}`;
  }
  for (const { type, max, min, maxLimitRequestRatio } of range.limits.filter(
    ({ type }) => type === "Container" || type === "Pod",
  )) {
    const [most, least, ratio] = [max[resource], min[resource], maxLimitRequestRatio[resource]].map((text) =>
      text === undefined ? undefined : quantity(text),
    );
    if (most !== undefined && limit === undefined) {
      return `a ${type.toLowerCase()} needs a limit of ${resource}, and it has none`;
    }
    if (most !== undefined && request !== undefined && most < request) {
      return `it requests ${shown(requested)} of ${resource}, and ${max[resource] ?? ""} is the maximum`;
    }
    if (most !== undefined && limit !== undefined && most < limit) {
      return `its limit of ${resource} is ${shown(limited)}, and ${max[resource] ?? ""} is the maximum`;
    }
    if (least !== undefined && request === undefined) {
      return `a ${type.toLowerCase()} needs a request of ${resource}, and it has none`;
    }
    if (least !== undefined && request !== undefined && least > request) {
      return `it requests ${shown(requested)} of ${resource}, and ${min[resource] ?? ""} is the minimum`;
    }
    if (ratio !== undefined && (limit === undefined || request === undefined || limit > ratio * request)) {
      const found =
        request === undefined
          ? "it requests none"
          : limit === undefined
            ? "it has none"
            : isOwn
              ? `it is ${shown(limited)}`
              : `it would be ${limited ?? ""}`;
      return `its limit of ${resource} may be ${maxLimitRequestRatio[resource] ?? ""} times what it requests, and ${found}`;
    }
  }
  return undefined;
}
