import { limitOf, requestOf } from "../amounts";
import type { Concern, Rule } from "../concern";
import type { Facts, LimitRange, Quota } from "../facts";
import type { InstallPlan } from "../plan";
import { quantity } from "../../kubernetes";
import { readOr } from "../reading";
import { selects } from "../selectors";
import { shownAmount, type Workload } from "../workloads";
import { rangeConcerns } from "./limit-ranges";

/** Resource quotas and limit ranges of istio-system, by which its pods would not come up: Helm would wait for them in vain. */
export const quotas: Rule = (facts, plan) =>
  plan.namespaces
    .filter(({ role }) => role === "system")
    .flatMap(({ name }) => {
      const ranges = readOr(facts.limitRanges, []).filter(({ namespace }) => namespace === name);
      const found = [
        ...readOr(facts.quotas, [])
          .filter(({ namespace }) => namespace === name)
          .flatMap((quota) => quotaConcerns(quota, ranges, facts, plan)),
        ...ranges.flatMap((range) => rangeConcerns(range, facts, plan)),
      ];
      return found.length > 0 ? found : deniedConcerns(facts, name, plan);
    });

/** Nodes that the pods of a DaemonSet run on, as far as its selector of nodes says it. */
function nodesFor({ nodes }: Facts, { nodeSelector }: Workload): number {
  const { items, count } = readOr(nodes, { items: [], count: 0 });
  const without = items.filter(
    ({ labels }) => labels["kubernetes.io/os"] === "windows" || !selects({ matchLabels: nodeSelector }, labels),
  );
  return count - without.length;
}

/** A workload that a quota counts. */
interface Counted {
  readonly workload: Workload;
  readonly pods: number;
}

function quotaConcerns(quota: Quota, ranges: readonly LimitRange[], facts: Facts, plan: InstallPlan): Concern[] {
  const counted = plan.workloads
    .filter((workload) => isCounted(workload, quota, ranges))
    .map((workload) => ({ workload, pods: podsOf(workload, facts) }));
  const pods = counted.reduce((sum, one) => sum + one.pods, 0);
  if (pods === 0) {
    return [];
  }
  const controllers = (kind: Workload["kind"]) => plan.workloads.filter((workload) => workload.kind === kind).length;
  const scoped = quota.scopes.length > 0;
  return Object.entries(quota.hard).flatMap(([resource, hard]): Concern[] => {
    const needed =
      resource === "pods" || resource === "count/pods"
        ? pods
        : scoped
          ? undefined
          : resource === "count/deployments.apps"
            ? controllers("Deployment")
            : resource === "count/daemonsets.apps"
              ? controllers("DaemonSet")
              : resource === "services" || resource === "count/services"
                ? 1
                : undefined;
    return needed === undefined
      ? amountConcerns({ quota, resource, hard, counted, ranges, facts, plan })
      : tooLittle({ quota, resource, hard, needed, counted, facts, plan });
  });
}

interface Measured {
  readonly quota: Quota;
  readonly resource: string;
  readonly hard: string;
  readonly counted: readonly Counted[];
  readonly facts: Facts;
  readonly plan: InstallPlan;
}

/** Of a quota of what pods request, or of their limits. */
function amountConcerns({ ranges, ...measured }: Measured & { readonly ranges: readonly LimitRange[] }): Concern[] {
  const { quota, resource, counted, plan } = measured;
  const [, kind = "requests", of = ""] = /^(?:(requests|limits)\.)?(.+)$/.exec(resource) ?? [];
  const what = kind === "limits" ? "limit" : "request";
  const amountOf = kind === "limits" ? limitOf : requestOf;
  const lacking = counted.filter(({ workload, pods }) => pods > 0 && amountOf(workload, of, ranges) === undefined);
  // The API server demands an amount of these alone (validationSet of its evaluator of pods).
  if (lacking.length > 0 && (of === "cpu" || of === "memory")) {
    const whose = lacking.length === counted.length ? "the mesh's have" : `${listed(names(lacking))} has`;
    const settings = lacking.map(({ workload }) => workload.settings.resources);
    return [
      concern(
        `ResourceQuota ${quota.namespace}/${quota.name} demands that every pod has a ${what} (${resource}), and ${whose} none`,
        `Take ${resource} out of it (kubectl edit resourcequota ${quota.name} -n ${quota.namespace}), ` +
          (plan.hasSettings
            ? `give the namespace a LimitRange with a default, or set ${kind}.${of} in ${listed(settings)}.`
            : "or give the namespace a LimitRange with a default."),
      ),
    ];
  }
  const needed = counted.reduce(
    (sum, { workload, pods }) => sum + (quantity(amountOf(workload, of, ranges) ?? "0") ?? 0) * pods,
    0,
  );
  return tooLittle({ ...measured, needed });
}

function tooLittle(measured: Measured & { readonly needed: number }): Concern[] {
  const { quota, resource, hard, needed, counted, facts, plan } = measured;
  const limit = quantity(hard);
  const free = limit === undefined ? undefined : limit - (quantity(quota.used[resource] ?? "0") ?? 0);
  // Sums of thousandths have no exact binary form: 1.4 may be a hair more than 1400m.
  if (free === undefined || Number((needed - free).toFixed(6)) <= 0) {
    return [];
  }
  const unit = /memory|storage/.test(resource)
    ? (value: number) => `${String(Math.ceil(value / 2 ** 20))}Mi`
    : (value: number) => String(Math.round(value * 1000) / 1000);
  const nodes = readOr(facts.nodes, { items: [], count: 0 }).count;
  const shown = shownAmount({ secret: counted.some(({ workload }) => workload.secret) }, unit(needed));
  const edit = `kubectl edit resourcequota ${quota.name} -n ${quota.namespace}`;
  const settings = plan.hasSettings ? settingsFor(resource, counted) : [];
  return [
    concern(
      `ResourceQuota ${quota.namespace}/${quota.name} has ${unit(Math.max(0, free))} of ${resource} left (${hard} in all), and the mesh ` +
        `needs ${shown} with ${String(nodes)} ${nodes === 1 ? "node" : "nodes"}, for ${listed(names(counted))}`,
      settings.length === 0 ? `Raise it: ${edit}` : `Raise it (${edit}), or lower ${listed(settings)} in the settings.`,
    ),
  ];
}

/** The settings by which the mesh would need less. */
function settingsFor(resource: string, counted: readonly Counted[]): string[] {
  const pods = counted.flatMap(({ workload }) => workload.settings.pods ?? []);
  const isAmount = /^(?:(?:requests|limits)\.)?(?:cpu|memory|ephemeral-storage)$/.test(resource);
  const amounts = isAmount ? counted.map(({ workload }) => workload.settings.resources) : [];
  return isAmount || /^(?:count\/)?pods$/.test(resource) ? [...amounts, ...pods] : [];
}

/** What has pods that are counted. */
function names(counted: readonly Counted[]): string[] {
  return counted.map(({ workload: { name, kind }, pods }) => {
    const called = name.replace(/-node$/, "");
    return kind === "Deployment" && pods > 1 ? `${String(pods)} pods of ${called}` : called;
  });
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1) ?? ""}`;
}

function podsOf(workload: Workload, facts: Facts): number {
  return workload.kind === "DaemonSet" ? nodesFor(facts, workload) : workload.pods;
}

/** Whether a quota counts the pods of a workload: none of them ends. */
function isCounted(workload: Workload, { scopes }: Quota, ranges: readonly LimitRange[]): boolean {
  const { priorityClassName } = workload;
  const isBestEffort = ["cpu", "memory"].every(
    (resource) =>
      requestOf(workload, resource, ranges) === undefined && limitOf(workload, resource, ranges) === undefined,
  );
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
        return true;
      case "BestEffort":
        return isBestEffort;
      case "NotBestEffort":
        return !isBestEffort;
      default:
        return false;
    }
  });
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
  const lasting = denied.filter(({ critical, workload }) => !critical || !bringsQuota || hasOwnClass(workload));
  const critical = lasting.flatMap((one) => (one.critical ? (one.workload ?? []) : []));
  const classes = [...new Set(critical.map(({ priorityClassName = ofCharts }) => priorityClassName))];
  const apply = `echo '${JSON.stringify(criticalPods(namespace, classes))}' | kubectl apply -f -`;
  const own = critical.find(hasOwnClass)?.settings.priorityClassName;
  return lasting
    .slice(0, 1)
    .map((one) =>
      concern(
        `the API server would refuse ${one.kind} ${namespace}/${one.name}: ${one.message}`,
        !one.critical
          ? `See the quotas and limits of the namespace: kubectl describe resourcequota,limitrange -n ${namespace}`
          : own === undefined
            ? `Set platform: gke on a GKE cluster. Elsewhere, apply a quota for such pods: ${apply}`
            : `Apply a quota for such pods: ${apply}; or name another class in ${own}`,
      ),
    );
}

/** Whether its pods have a class that the settings name, and for which the charts bring no quota. */
function hasOwnClass(workload: Workload | undefined): boolean {
  return workload?.settings.priorityClassName !== undefined && workload.priorityClassName !== ofCharts;
}

/** The class of istio-cni and ztunnel. */
const ofCharts = "system-node-critical";

function criticalPods(namespace: string, values: readonly string[]): object {
  const scope = { operator: "In", scopeName: "PriorityClass", values };
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
