import type { Concern, Rule } from "../concern";
import { standIn } from "../dry-runs";
import { readOr } from "../reading";

/** The label by which a namespace names its Pod Security Standard (https://kubernetes.io/docs/concepts/security/pod-security-standards). */
const enforce = "pod-security.kubernetes.io/enforce";

const levels = ["privileged", "baseline", "restricted"];

/**
 * The strictest standard that the pods of a namespace meet: istio-cni and ztunnel need capabilities and folders of the node; gateways and
 * the demo name no seccomp profile, which `restricted` demands.
 */
const standards = { system: "privileged", eastWest: "baseline", demo: "baseline" } as const;

const pods = { system: "istio-cni and ztunnel", eastWest: "the east-west gateway", demo: "the demo" } as const;

export const podSecurity: Rule = ({ namespaces, probed }, plan) => {
  const labels = new Map(readOr(namespaces, []).map((one) => [one.name, one.labels]));
  return plan.namespaces.flatMap(({ name, role }): Concern[] => {
    const standard = standards[role];
    const command = `kubectl label namespace ${name} ${enforce}=${standard} --overwrite`;
    const own = probed.filter(({ namespace, kind }) => namespace === name && kind === "Pod");
    const denial = deniedIn(own);
    if (denial !== undefined) {
      return [
        {
          topic: "pod-security",
          severity: "refuse",
          message: `Pod Security would refuse the pods of ${pods[role]} in namespace ${name}: ${denial}`,
          remedy: `Allow them there: ${command}`,
        },
      ];
    }
    const level = labels.get(name)?.[enforce];
    const asked = own.some(({ outcome }) => outcome.is !== "unknown");
    if (!asked && level !== undefined && levels.indexOf(level) > levels.indexOf(standard)) {
      return [
        {
          topic: "pod-security",
          severity: "refuse",
          message: `namespace ${name} has the label ${enforce}=${level}, with which the API server refuses the pods of ${pods[role]}`,
          remedy: `Allow them there: ${command}`,
        },
      ];
    }
    // Nothing can be asked about in a namespace that does not exist; the default of the API server is seen in another one.
    const elsewhere = deniedIn(probed.filter(({ namespace, kind }) => namespace === standIn && kind === "Pod"));
    if (
      role === "system" &&
      own.length === 0 &&
      elsewhere !== undefined &&
      labels.get(standIn)?.[enforce] === undefined
    ) {
      return [
        {
          topic: "pod-security",
          severity: "warn",
          message:
            `the API server holds namespaces without a label to a Pod Security Standard that refuses the pods of ${pods[role]} ` +
            `(${elsewhere}), and namespace ${name} does not exist yet`,
          remedy:
            `Unless the API server's configuration exempts ${name}, create it with the label: ` +
            `kubectl create namespace ${name} && ${command}`,
        },
      ];
    }
    return [];
  });
};

function deniedIn(probed: Parameters<Rule>[0]["probed"]): string | undefined {
  for (const { outcome } of probed) {
    if (outcome.is === "denied" && outcome.by === "pod-security") {
      return /violates PodSecurity.*/.exec(outcome.message)?.[0];
    }
  }
  return undefined;
}
