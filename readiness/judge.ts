import type { Concern } from "./concern";
import type { Facts } from "./facts";
import type { InstallPlan } from "./plan";
import { addresses } from "./rules/addresses";
import { admission } from "./rules/admission";
import { cilium } from "./rules/cilium";
import { enrolment } from "./rules/enrolment";
import { leftovers } from "./rules/leftovers";
import { networkPolicies } from "./rules/network-policies";
import { platform } from "./rules/platform";
import { podSecurity } from "./rules/pod-security";
import { priorityClasses } from "./rules/priority-classes";
import { quotas } from "./rules/quotas";
import { sourceAddresses } from "./rules/source-addresses";

const rules = [
  podSecurity,
  quotas,
  priorityClasses,
  admission,
  leftovers,
  enrolment,
  networkPolicies,
  cilium,
  platform,
  addresses,
  sourceAddresses,
];

/** Everything in a cluster that is at odds with a mesh that is to be installed. */
export function judgeFacts(facts: Facts, plan: InstallPlan): Concern[] {
  return rules.flatMap((rule) => rule(facts, plan));
}

/** Something that could not be read. */
export interface UnreadFact {
  readonly key: Exclude<keyof Facts, "probed">;
  /** What it is called. */
  readonly what: string;
  readonly reason: string;
}

/** What could not be read, with the reason. */
export function unreadFacts({ probed, ...readings }: Facts): UnreadFact[] {
  return Object.entries(readings).flatMap(([key, reading]) =>
    reading.status === "read"
      ? []
      : [{ key: key as UnreadFact["key"], what: subjects[key as UnreadFact["key"]], reason: reading.reason }],
  );
}

const subjects: Readonly<Record<UnreadFact["key"], string>> = {
  version: "the API server's version",
  apiGroups: "the groups of its API",
  nodes: "nodes",
  namespaces: "namespaces",
  pods: "pods",
  quotas: "resource quotas",
  limitRanges: "limit ranges",
  deadWebhooks: "webhooks",
  networkPolicies: "network policies",
  cilium: "Cilium's settings",
  masquerading: "what masquerades the addresses of pods",
  serviceAddresses: "the Service default/kubernetes",
  controlPlanes: "deployments of istiod",
  chartObjects: "what Istio's charts make",
};

/** Why nobody could ask whether pods would be admitted; undefined where somebody could. */
export function unaskedAdmission({ probed }: Facts): string | undefined {
  const refused = probed.flatMap(({ outcome }) =>
    outcome.is === "unknown" && outcome.forbidden ? [outcome.reason] : [],
  );
  return refused[0];
}
