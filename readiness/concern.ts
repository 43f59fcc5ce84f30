import type { Facts } from "./facts";
import type { InstallPlan } from "./plan";

/** Subjects that a cluster is judged by: the ids of the checks before an install. */
export const topics = [
  "pod-security",
  "quotas",
  "admission",
  "leftovers",
  "enrolment",
  "network-policies",
  "cilium",
  "platform",
  "addresses",
  "source-addresses",
] as const;
export type Topic = (typeof topics)[number];

/** Something in a cluster that is at odds with the mesh. */
export interface Concern {
  readonly topic: Topic;
  /** Whether an install would fail with it, or only some of what follows. */
  readonly severity: "refuse" | "warn";
  /** What is wrong, with the object: the end of a sentence that begins with the cluster's name, without a full stop. */
  readonly message: string;
  /** What to do: sentences. */
  readonly remedy: string;
}

/** Finds concerns of one topic. A pure function of what was read. */
export type Rule = (facts: Facts, plan: InstallPlan) => Concern[];
