import type { Draft } from "../draft";
import type { Faults } from "../faults";
import { contextFault } from "../schema/kubeconfig";

/** A stack has clusters, or at least keeps the root for those of others. */
export function checkSomeCluster({ whole }: Draft, faults: Faults): void {
  const { clusters, root } = whole;
  const issues =
    root !== undefined && ("generate" in root ? root.generate.issueFor : "issueFor" in root ? root.issueFor : []);
  if (clusters?.length === 0 && root !== undefined && (!issues || issues.length === 0)) {
    faults.add({
      path: "clusters",
      problem: "has 0 entries",
      remedy:
        "list at least one cluster, such as {name: cluster-1, provisioner: kind}; only a stack that keeps the root for " +
        "others (issueFor in its root) needs none",
    });
  }
}

/** An existing cluster can be reached, and each is listed once. */
export function checkExistingClusters({ clusters, given }: Draft, faults: Faults): void {
  const seen = new Map<string, number>();
  clusters.forEach(({ provisioner, kubeconfig, context }, index) => {
    const path = `clusters[${String(index)}]`;
    if (provisioner !== "existing") {
      return;
    }
    if (!says(given["clusters"], index, "kubeconfig") && !says(given["clusters"], index, "context")) {
      faults.add({
        path,
        problem: "is an existing cluster without kubeconfig and context",
        remedy: "give context (of the engineer's own kubeconfig), kubeconfig (its text, as a secret), or both",
      });
      return;
    }
    const verdict = kubeconfig === undefined ? undefined : contextFault(kubeconfig, context);
    if (verdict) {
      faults.add({ path: `${path}.context`, ...(context !== undefined && { value: context }), ...verdict });
    }
    const identity = JSON.stringify([kubeconfig, context]);
    const other = seen.get(identity);
    if (other === undefined) {
      seen.set(identity, index);
    } else if (kubeconfig !== undefined || context !== undefined) {
      faults.add({
        path,
        problem: `is the cluster of clusters[${String(other)}]: same kubeconfig and context`,
        remedy: "list every cluster once",
      });
    }
  });
}

/** What is of use with kind clusters only: their load balancer, and images for their nodes. */
export function checkKindSettings({ clusters, whole, given }: Draft, faults: Faults): void {
  const unread = !Array.isArray(given["clusters"]) || clusters.some(({ provisioner }) => provisioner === undefined);
  if (unread || clusters.some(({ provisioner }) => provisioner === "kind")) {
    return;
  }
  const { loadBalancer, preloadImages = [] } = whole;
  const problem = "is for kind clusters, and the stack has none";
  if (loadBalancer !== undefined && loadBalancer !== "none") {
    const path = typeof loadBalancer === "string" ? "loadBalancer" : "loadBalancer.image";
    const value = typeof loadBalancer === "string" ? loadBalancer : loadBalancer.image;
    faults.add({ path, value, problem, remedy: "write loadBalancer: none, or leave it out" });
  }
  if (preloadImages.length > 0) {
    faults.add({ path: "preloadImages", problem, remedy: "leave it out" });
  }
}

function says(clusters: unknown, index: number, key: string): boolean {
  const cluster: unknown = Array.isArray(clusters) ? clusters[index] : undefined;
  return typeof cluster === "object" && cluster !== null && Object.hasOwn(cluster, key);
}
