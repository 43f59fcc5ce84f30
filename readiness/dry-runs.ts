import type { DryRun } from "../kubernetes";
import type { InstallPlan } from "./plan";
import { plainWorkload, podTemplate, shownMessage, type Workload } from "./workloads";

/** An object that the API server is asked to create without storing it. */
export interface Probe {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** The list that it would be in. */
  readonly path: string;
  readonly object: object;
  /** Of which it is, or is a pod. */
  readonly workload?: Workload;
}

/** What came of a probe. */
export type Outcome =
  | { readonly is: "admitted" }
  | { readonly is: "denied"; readonly by: Denial; readonly message: string }
  /** Nobody can tell: no right to ask, a webhook that takes no dry runs, a namespace that is not there. */
  | { readonly is: "unknown"; readonly reason: string; readonly forbidden: boolean };

export type Denial = "pod-security" | "quotas" | "priority-class" | "admission";

export interface Probed extends Omit<Probe, "path" | "object"> {
  readonly outcome: Outcome;
}

/** In it a pod is asked about where the mesh's own namespace does not exist yet: every cluster has it, and policies rarely spare it. */
export const standIn = "default";

/**
 * What an install makes, one of each kind that admission is likely to look at.
 *
 * @param existing Names of the namespaces that exist: nothing can be asked about in others.
 */
export function probes({ namespaces, workloads }: InstallPlan, existing: ReadonlySet<string>): readonly Probe[] {
  return namespaces.flatMap(({ name, role, labels, pod = plainWorkload }): Probe[] => {
    if (!existing.has(name)) {
      // A priority class is the cluster's, and no namespace's.
      const asked = (role === "system" ? workloads : [{ ...pod, name }]).filter(
        (workload) => workload.name === "ztunnel" || workload.settings.priorityClassName !== undefined,
      );
      return [namespaceProbe(name, labels), ...asked.map((one) => podProbe(standIn, one))];
    }
    return role === "system"
      ? [
          ...workloads.flatMap((workload) => [podProbe(name, workload), controllerProbe(name, workload)]),
          simpleProbe(name, "Service", { spec: { ports: [{ port: 15012 }], selector: { app: "istiod" } } }),
          simpleProbe(name, "ConfigMap", {}),
          simpleProbe(name, "Secret", {}),
          simpleProbe(name, "ServiceAccount", {}),
        ]
      : [podProbe(name, { ...pod, name: role === "demo" ? "sleep" : name })];
  });
}

function namespaceProbe(name: string, labels: object): Probe {
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  return { namespace: name, kind: "Namespace", name, path: "/api/v1/namespaces", object };
}

function podProbe(namespace: string, workload: Workload): Probe {
  const { metadata, spec } = podTemplate(workload) as { readonly metadata: object; readonly spec: object };
  const { name } = workload;
  return {
    namespace,
    kind: "Pod",
    name,
    path: `/api/v1/namespaces/${namespace}/pods`,
    object: { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, generateName: `${name}-` }, spec },
    workload,
  };
}

function controllerProbe(namespace: string, workload: Workload): Probe {
  const { kind, name } = workload;
  return {
    namespace,
    kind,
    name,
    path: `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s`,
    object: {
      apiVersion: "apps/v1",
      kind,
      metadata: { name, labels: { app: name } },
      spec: { selector: { matchLabels: { app: name } }, template: podTemplate(workload) },
    },
    workload,
  };
}

function simpleProbe(namespace: string, kind: string, more: object): Probe {
  return {
    namespace,
    kind,
    name: "istiod",
    path: `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s`,
    object: { apiVersion: "v1", kind, metadata: { generateName: "istiod-" }, ...more },
  };
}

/** What came of a probe of a workload, without what is encrypted. */
export function shownOutcome(outcome: Outcome, workload: Workload | undefined): Outcome {
  return workload === undefined || outcome.is !== "denied"
    ? outcome
    : { ...outcome, message: shownMessage(workload, outcome.message) };
}

/** Reads an API server's answer. Admission has no code of its own: rights are refused with 403, too, and webhooks choose theirs. */
export function outcomeOf({ status, message }: DryRun): Outcome {
  if (status < 300 || status === 409) {
    // What exists already was admitted before the API server saw that it does.
    return { is: "admitted" };
  }
  const unknown = (forbidden: boolean): Outcome => ({
    is: "unknown",
    reason: message || `it answers ${String(status)}`,
    forbidden,
  });
  if (status === 401 || /cannot create resource|cannot (?:get|use) resource/.test(message)) {
    return unknown(true);
  }
  if (status === 404 || /does not support dry run/.test(message)) {
    return unknown(false);
  }
  if (/violates PodSecurity/.test(message)) {
    return { is: "denied", by: "pod-security", message };
  }
  if (/no PriorityClass with name/.test(message)) {
    return { is: "denied", by: "priority-class", message };
  }
  if (
    /exceeded quota|failed quota|insufficient quota|memory limit|cpu limit|(?:maximum|minimum) \S+ usage per|max limit to request ratio/i.test(
      message,
    )
  ) {
    return { is: "denied", by: "quotas", message };
  }
  const denied = /denied (?:the )?request|failed calling webhook|is forbidden:/.test(message);
  return denied ? { is: "denied", by: "admission", message } : unknown(false);
}
