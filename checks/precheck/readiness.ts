import {
  type Concern,
  judgeFacts,
  planWithoutSettings,
  type Topic,
  unaskedAdmission,
  type UnreadFact,
  unreadFacts,
} from "../../readiness";
import type { Check } from "../check";
import { forEachCluster } from "../inventory";

interface Subject {
  readonly topic: Topic;
  readonly title: string;
  /** What is when nothing is wrong. */
  readonly passed: string;
  /** The keys of facts without which nobody can tell. */
  readonly needs: readonly UnreadFact["key"][];
}

const subjects: readonly Subject[] = [
  {
    topic: "pod-security",
    title: "Pod Security admits the mesh's pods",
    passed: "no standard keeps them out",
    needs: ["namespaces"],
  },
  {
    topic: "quotas",
    title: "Quotas and limit ranges leave room for the mesh's pods",
    passed: "no quota or limit range keeps them from coming up",
    needs: ["quotas", "limitRanges", "nodes"],
  },
  {
    topic: "admission",
    title: "No policy or webhook denies what the mesh consists of",
    passed: "none denies it",
    needs: ["deadWebhooks"],
  },
  {
    topic: "leftovers",
    title: "No objects of another Istio stand in the way of Helm",
    passed: "there are none",
    needs: ["chartObjects", "deadWebhooks"],
  },
  {
    topic: "enrolment",
    title: "No labels or sidecars of another mesh are at odds with this one",
    passed: "there are none",
    needs: ["namespaces", "pods"],
  },
  {
    topic: "network-policies",
    title: "Network policies let the mesh's traffic through",
    passed: "none keeps it out",
    needs: ["networkPolicies", "namespaces"],
  },
  {
    topic: "cilium",
    title: "Cilium, where it is installed, is set up for an ambient mesh",
    passed: "Cilium is not installed, or has the settings that a mesh needs",
    needs: ["cilium"],
  },
  {
    topic: "platform",
    title: "The cluster is of the platform in the settings",
    passed: "nothing speaks against it",
    needs: ["version", "nodes"],
  },
  {
    topic: "addresses",
    title: "Pods and services have addresses of the subnets in the settings",
    passed: "they do, as far as the settings say",
    needs: ["pods", "serviceAddresses"],
  },
];

/** A check for each subject of readiness/, which judges what preflight judges too. */
export const readinessChecks: readonly Check[] = subjects.map(({ topic, title, passed, needs }) => ({
  id: topic,
  title,
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      if (mesh.expected.installed?.includes(cluster.name)) {
        findings.notApplicable("the stack's mesh is already installed here");
        return;
      }
      const plan = mesh.expected.plans?.[cluster.name] ?? planWithoutSettings;
      const facts = await cluster.facts(plan);
      for (const { severity, message, remedy } of judgeFacts(facts, plan).filter(
        (one: Concern) => one.topic === topic,
      )) {
        findings[severity === "refuse" ? "failed" : "warning"](message, remedy);
      }
      for (const { what, reason } of unreadFacts(facts).filter(({ key }) => needs.includes(key))) {
        findings.unknown(`${what} could not be read: ${reason}`, "Use a user with the rights of rbac/update.yaml.");
      }
      const unasked = topic === "admission" ? unaskedAdmission(facts) : undefined;
      if (unasked !== undefined) {
        findings.unknown(
          `its policies could not be asked about the mesh's pods: ${unasked}`,
          "Use a user with the rights of rbac/update.yaml.",
        );
      }
      if (findings.list.length === 0) {
        findings.passed(passed);
      }
    }),
}));
