import type { Concern, Rule } from "../concern";
import { type Probed, standIn } from "../dry-runs";
import type { Webhook } from "../facts";
import { readOr } from "../reading";
import { selects } from "../selectors";

/** Policies and webhooks that would refuse what the install makes. */
export const admission: Rule = ({ probed, deadWebhooks, namespaces }, plan) => {
  const denied = probed.flatMap(({ outcome, ...probe }) =>
    outcome.is === "denied" && outcome.by === "admission" && !isForClass(probe)
      ? [{ ...probe, message: outcome.message }]
      : [],
  );
  // One policy refuses several objects with the same words, but for their names.
  const distinct = [...new Map(denied.map((one) => [policyIn(one.message), one])).values()];
  const found = distinct.map(({ kind, namespace, name, message }): Concern => {
    const system = plan.namespaces.find(({ role }) => role === "system")?.name ?? "";
    const place = kind === "Namespace" ? name : `${namespace}/${name}`;
    return namespace === standIn && !plan.namespaces.some((one) => one.name === namespace)
      ? {
          topic: "admission",
          severity: "warn",
          message: `the API server would refuse a pod like ${name}'s in namespace ${standIn}: ${message}`,
          remedy: `Namespace ${system} does not exist yet: make sure that this does not apply to it. ${exemption(message, system)}`,
        }
      : {
          topic: "admission",
          severity: "refuse",
          message: `the API server would refuse ${kind} ${place}: ${message}`,
          remedy: exemption(message, namespace),
        };
  });
  const labels = new Map(readOr(namespaces, []).map((one) => [one.name, one.labels]));
  const dead = readOr(deadWebhooks, [])
    .filter(
      ({ name, configuration }) => !istios.test(configuration) && !denied.some(({ message }) => message.includes(name)),
    )
    .flatMap((webhook) => {
      const touched = plan.namespaces.filter(({ name, labels: own }) =>
        concerns(webhook, { "kubernetes.io/metadata.name": name, ...own, ...labels.get(name) }),
      );
      return touched.length === 0
        ? []
        : [
            deadConcern(
              webhook,
              touched.map(({ name }) => name),
            ),
          ];
    });
  return [...found, ...dead];
};

/** Whether a pod is asked about for its priority class alone: what else refuses it in the stand-in is seen by ztunnel's. */
function isForClass({ namespace, workload }: Pick<Probed, "namespace" | "workload">): boolean {
  return namespace === standIn && workload?.settings.priorityClassName !== undefined;
}

/** Names of Istio's own, which are judged as leftovers. */
const istios = /^(?:istio-|istiod-)/;

/** The groups of which the install makes something. */
const groups = [
  "",
  "apps",
  "autoscaling",
  "policy",
  "rbac.authorization.k8s.io",
  "gateway.networking.k8s.io",
  "networking.istio.io",
];

/** The resources that it makes in those groups, with what runs because of it. */
const resources = new Set([
  ..."pods replicasets deployments daemonsets services serviceaccounts configmaps secrets".split(" "),
  ..."horizontalpodautoscalers poddisruptionbudgets roles rolebindings gateways serviceentries workloadentries".split(
    " ",
  ),
]);

function concerns({ rules, namespaceSelector }: Webhook, labels: Readonly<Record<string, string>>): boolean {
  return (
    selects(namespaceSelector, labels) &&
    rules.some(
      (rule) =>
        rule.apiGroups.some((group) => group === "*" || groups.includes(group)) &&
        rule.resources.some((resource) => /^\*(?:\/\*)?$/.test(resource) || resources.has(resource)),
    )
  );
}

function deadConcern({ resource, configuration, name, service }: Webhook, namespaces: readonly string[]): Concern {
  return {
    topic: "admission",
    severity: "warn",
    message:
      `webhook ${JSON.stringify(name)} of ${resource} ${configuration} denies everything (failurePolicy Fail) while its Service ${service} ` +
      `has no endpoint that is ready, as now; it is asked about what the mesh makes in namespace ${namespaces.join(", ")}`,
    remedy:
      `Bring back what answers it (kubectl get endpointslices,pods -n ${service.split("/")[0] ?? ""}); if it was uninstalled, delete what ` +
      `is left of it: kubectl delete ${resource} ${configuration}`,
  };
}

/** What refuses, by its own name where a message has one. */
function policyIn(message: string): string {
  return /webhook "[^"]*"|Policy '[^']*'/.exec(message)?.[0] ?? message;
}

function exemption(message: string, namespace: string): string {
  const [, binding] = /with binding '([\w.-]+)'/.exec(message) ?? [];
  if (binding !== undefined) {
    return `Exempt namespace ${namespace} in the policy's binding (spec.matchResources.namespaceSelector): kubectl edit validatingadmissionpolicybinding ${binding}`;
  }
  if (/failed calling webhook/.test(message)) {
    return (
      "Bring back what answers this webhook. If it was uninstalled, delete the configuration that is left of it; this lists them: " +
      "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations"
    );
  }
  return `Exempt namespace ${namespace} in that policy, or ask its owner to.`;
}
