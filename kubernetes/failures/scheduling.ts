import { excerpt } from "../error-messages";
import type { Cause } from "./cause";

/** What the scheduler says of nodes, and what helps. */
const obstacles: readonly (readonly [pattern: RegExp, reason: string, remedy: string])[] = [
  [/no nodes available|^0\/0 nodes/, "the cluster has no nodes", "Add nodes."],
  [
    /node\.kubernetes\.io\/(?:not-ready|unreachable|network-unavailable)|were not ready/,
    "nodes are not ready",
    "See why (kubectl describe nodes): often a node's CNI plugin or kubelet does not run.",
  ],
  [
    /node\.cloudprovider\.kubernetes\.io\/uninitialized/,
    "nodes wait for their cloud controller",
    "See why the cloud controller manager does not initialise them.",
  ],
  [
    /node\.kubernetes\.io\/(?:memory|disk|pid)-pressure/,
    "nodes are short of memory, disk or processes",
    "Free some on them (kubectl describe nodes).",
  ],
  [/were unschedulable|node\.kubernetes\.io\/unschedulable/, "nodes are cordoned", "kubectl uncordon NODE"],
  [/Too many pods/, "nodes have as many pods as they may", "Add nodes, or raise their maximum number of pods."],
  [
    /didn't have free ports/,
    "another pod has the node's port",
    "Find it (kubectl get pods -A -o wide) and give it another port.",
  ],
  [
    /unbound immediate PersistentVolumeClaims|volume node affinity conflict|persistentvolumeclaim/,
    "its volume is not there",
    "See kubectl get persistentvolumeclaims.",
  ],
];

const lacking = /Insufficient ([\w/-]+(?:\.[\w/-]+)*)/g;
const taint = /untolerated taint(?:\(s\))? \{([^}:]+)(?::\s?([^}]*))?\}/g;
const pickedNodes = /didn't match (?:Pod's )?(?:node affinity|pod (?:anti-)?affinity|pod topology)/i;

/**
 * Why no node takes a pod, by the words of the scheduler.
 *
 * @param perNode Whether the pod is for one node, as those of a DaemonSet are: that the others do not match is as it should be.
 */
export function schedulingCause(words: string, perNode = false): Cause {
  // What follows repeats the same for preemption.
  const [said = words] = words.split(/\s*preemption:/);
  const causes = obstacles.flatMap(([pattern, reason, remedy]): Cause[] => {
    return pattern.test(said) ? [{ reason, remedy }] : [];
  });
  for (const [, resource = ""] of said.matchAll(lacking)) {
    causes.push({
      reason: `no node has enough ${resource} left`,
      remedy: "Add or enlarge nodes, or free some of them (kubectl describe nodes).",
    });
  }
  for (const [, key = "", value = ""] of said.matchAll(taint)) {
    // Taints by which Kubernetes itself marks nodes are among the obstacles.
    if (!/^node\.(?:cloudprovider\.)?kubernetes\.io\//.test(key)) {
      causes.push({
        reason: `nodes have taint ${excerpt(value.trim() ? `${key}=${value.trim()}` : key)}, which it does not tolerate`,
        remedy: `Add a node without that taint, or remove it (kubectl taint nodes NODE ${excerpt(key)}-).`,
      });
    }
  }
  if (pickedNodes.test(said) && !(perNode && causes.length > 0)) {
    causes.push({
      reason: "no other node fits its node selector or affinity",
      remedy: "Label a node as it wants (kubectl get nodes --show-labels), or change it in the chart's values.",
    });
  }
  if (causes.length === 0) {
    return { reason: `no node takes it: ${excerpt(said)}`, remedy: "See kubectl describe pod." };
  }
  return {
    reason: `no node takes it: ${causes.map(({ reason }) => reason).join("; ")}`,
    remedy: [...new Set(causes.map(({ remedy }) => remedy))].join(" "),
  };
}
