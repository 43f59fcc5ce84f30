import type { Concern, Rule } from "../concern";
import type { Facts, LimitRange, Quota } from "../facts";
import type { InstallPlan } from "../plan";
import { quantity } from "../../kubernetes";
import { readOr } from "../reading";
import { type Workload, workloads } from "../workloads";

/** Resource quotas and limit ranges of istio-system, by which its pods would not come up: Helm would wait for them in vain. */
export const quotas: Rule = (facts, plan) =>
  plan.namespaces
    .filter(({ role }) => role === "system")
    .flatMap(({ name }) => {
      const ranges = readOr(facts.limitRanges, []).filter(({ namespace }) => namespace === name);
      const found = [
        ...readOr(facts.quotas, [])
          .filter(({ namespace }) => namespace === name)
          .flatMap((quota) => quotaConcerns(quota, ranges, nodesFor(facts))),
        ...ranges.flatMap((range) => rangeConcerns(range, facts)),
      ];
      return found.length > 0 ? found : deniedConcerns(facts, name, plan);
    });

/** Nodes that istio-cni and ztunnel run on. */
function nodesFor({ nodes }: Facts): number {
  const { items, count } = readOr(nodes, { items: [], count: 0 });
  return count - items.filter(({ labels }) => labels["kubernetes.io/os"] === "windows").length;
}

function quotaConcerns(quota: Quota, ranges: readonly LimitRange[], nodes: number): Concern[] {
  const counted = workloads.filter((workload) => isCounted(workload, quota));
  const pods = counted.reduce((sum, workload) => sum + countOf(workload, nodes), 0);
  if (pods === 0) {
    return [];
  }
  const sum = (of: (workload: Workload) => number) =>
    counted.reduce((total, workload) => total + of(workload) * countOf(workload, nodes), 0);
  const controllers = (kind: Workload["kind"]) => workloads.filter((workload) => workload.kind === kind).length;
  const scoped = quota.scopes.length > 0;
  return Object.entries(quota.hard).flatMap(([resource, hard]): Concern[] => {
    const [, kind = "", computed = ""] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(resource) ?? [];
    const isComputed = computed === "cpu" || computed === "memory";
    if (isComputed && kind === "limits") {
      const each = defaultLimit(ranges, computed);
      if (each === undefined) {
        return [
          concern(
            `ResourceQuota ${quota.namespace}/${quota.name} demands that every pod has a limit (${resource}), and the mesh's have none`,
            `Take ${resource} out of it (kubectl edit resourcequota ${quota.name} -n ${quota.namespace}), or give the namespace a LimitRange with a default.`,
          ),
        ];
      }
      return tooLittle(quota, resource, hard, each * pods, nodes);
    }
    const needed = isComputed
      ? sum(({ requests }) => quantity(requests[computed]) ?? 0)
      : resource === "pods" || resource === "count/pods"
        ? pods
        : scoped
          ? 0
          : resource === "count/deployments.apps"
            ? controllers("Deployment")
            : resource === "count/daemonsets.apps"
              ? controllers("DaemonSet")
              : resource === "services" || resource === "count/services"
                ? 1
                : 0;
    return tooLittle(quota, resource, hard, needed, nodes);
  });
}

function tooLittle(quota: Quota, resource: string, hard: string, needed: number, nodes: number): Concern[] {
  const limit = quantity(hard);
  const free = limit === undefined ? undefined : limit - (quantity(quota.used[resource] ?? "0") ?? 0);
  // Sums of thousandths have no exact binary form: 1.4 may be a hair more than 1400m.
  if (free === undefined || Number((needed - free).toFixed(6)) <= 0) {
    return [];
  }
  const unit = resource.endsWith("memory")
    ? (value: number) => `${String(Math.ceil(value / 2 ** 20))}Mi`
    : (value: number) => String(Math.round(value * 1000) / 1000);
  return [
    concern(
      `ResourceQuota ${quota.namespace}/${quota.name} has ${unit(Math.max(0, free))} of ${resource} left (${hard} in all), and the mesh ` +
        `needs ${unit(needed)} with ${String(nodes)} ${nodes === 1 ? "node" : "nodes"}, for istiod, istio-cni and ztunnel`,
      `Raise it: kubectl edit resourcequota ${quota.name} -n ${quota.namespace}`,
    ),
  ];
}

function countOf({ kind }: Workload, nodes: number): number {
  return kind === "DaemonSet" ? nodes : 1;
}

/** Whether a quota counts the pods of a workload: none of them ends, all have requests, and two have a priority. */
function isCounted({ priorityClassName }: Workload, { scopes }: Quota): boolean {
  return scopes.every(({ scopeName, operator, values }) => {
    switch (scopeName) {
      case "PriorityClass":
        switch (operator) {
          case "In":
            return priorityClassName !== undefined && values.includes(priorityClassName);
          case "NotIn":
            return priorityClassName === undefined || !values.includes(priorityClassName);
          case "Exists":
            return priorityClassName !== undefined;
          default:
            return priorityClassName === undefined;
        }
      case "NotTerminating":
      case "NotBestEffort":
        return true;
      default:
        return false;
    }
  });
}

/** The limit that containers without one get. */
function defaultLimit(ranges: readonly LimitRange[], resource: "cpu" | "memory"): number | undefined {
  const found = ranges.flatMap(({ limits }) =>
    limits.flatMap((limit) => (limit.type === "Container" ? (limit.default[resource] ?? []) : [])),
  );
  return found[0] === undefined ? undefined : quantity(found[0]);
}

function rangeConcerns(range: LimitRange, { probed }: Facts): Concern[] {
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
      return reason === undefined
        ? []
        : [
            concern(
              `LimitRange ${range.namespace}/${range.name} would keep ${workload.name} from coming up: ${reason}`,
              `Change it (kubectl edit limitrange ${range.name} -n ${range.namespace}), or delete it.`,
            ),
          ];
    });
}

function rangeReason({ limits }: LimitRange, { requests }: Workload, resource: "cpu" | "memory"): string | undefined {
  const requested = requests[resource];
  const request = quantity(requested) ?? 0;
  const given = limits.find(({ type }) => type === "Container")?.default[resource];
  const limit = given === undefined ? undefined : quantity(given);
  if (given !== undefined && limit !== undefined && limit < request) {
    return `its container requests ${requested} of ${resource}, and would get a limit of ${given}`;
  }
  for (const { type, max, min, maxLimitRequestRatio } of limits.filter(
    ({ type }) => type === "Container" || type === "Pod",
  )) {
    const [most, least, ratio] = [max[resource], min[resource], maxLimitRequestRatio[resource]].map((text) =>
      text === undefined ? undefined : quantity(text),
    );
    if (most !== undefined && limit === undefined) {
      return `a ${type.toLowerCase()} needs a limit of ${resource}, and it has none`;
    }
    if (most !== undefined && most < request) {
      return `it requests ${requested} of ${resource}, and ${max[resource] ?? ""} is the maximum`;
    }
    if (least !== undefined && least > request) {
      return `it requests ${requested} of ${resource}, and ${min[resource] ?? ""} is the minimum`;
    }
    if (ratio !== undefined && (limit === undefined || limit > ratio * request)) {
      return `its limit of ${resource} may be ${maxLimitRequestRatio[resource] ?? ""} times what it requests, and it ${limit === undefined ? "has none" : `would be ${given ?? ""}`}`;
    }
  }
  return undefined;
}

/** What the API server says of quotas beyond what is judged above, such as GKE's of critical pods. */
function deniedConcerns({ probed, version }: Facts, namespace: string, plan: InstallPlan): Concern[] {
  // With this platform the charts bring the quota without which GKE admits no critical pods outside kube-system.
  const bringsQuota = plan.platform === "gke" || (!plan.hasSettings && readOr(version, "").includes("-gke"));
  const denied = probed.flatMap(({ outcome, ...probe }) =>
    probe.namespace === namespace && outcome.is === "denied" && outcome.by === "quotas"
      ? [{ ...probe, message: outcome.message, critical: /PriorityClass/.test(outcome.message) }]
      : [],
  );
  return denied
    .filter(({ critical }) => !critical || !bringsQuota)
    .slice(0, 1)
    .map(({ kind, name, message, critical }) =>
      concern(
        `the API server would refuse ${kind} ${namespace}/${name}: ${message}`,
        critical
          ? `Set platform: gke on a GKE cluster. Elsewhere, apply a quota for such pods: echo '${JSON.stringify(criticalPods(namespace))}' | kubectl apply -f -`
          : `See the quotas and limits of the namespace: kubectl describe resourcequota,limitrange -n ${namespace}`,
      ),
    );
}

function criticalPods(namespace: string): object {
  const scope = { operator: "In", scopeName: "PriorityClass", values: ["system-node-critical"] };
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "critical-pods", namespace },
    spec: { hard: { pods: "5000" }, scopeSelector: { matchExpressions: [scope] } },
  };
}

function concern(message: string, remedy: string): Concern {
  return { topic: "quotas", severity: "refuse", message, remedy };
}
