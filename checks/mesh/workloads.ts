import { type Cluster, objects } from "../inventory/index";

/** DaemonSets of ztunnel, in whatever namespace. */
export async function ztunnels(cluster: Cluster): Promise<objects.DaemonSet[]> {
  const all = await cluster.list("/apis/apps/v1/daemonsets", objects.DaemonSet);
  return all.filter(({ spec }) => spec.selector.matchLabels["app"] === "ztunnel");
}

/** DaemonSets of Istio's CNI node agent, in whatever namespace. */
export async function nodeAgents(cluster: Cluster): Promise<objects.DaemonSet[]> {
  const all = await cluster.list("/apis/apps/v1/daemonsets", objects.DaemonSet);
  return all.filter(({ spec }) => spec.selector.matchLabels["k8s-app"] === "istio-cni-node");
}

/** The pods that a workload's selector finds. */
export async function podsOf(cluster: Cluster, { metadata, spec }: objects.Deployment): Promise<objects.Pod[]> {
  const wanted = Object.entries(spec.selector.matchLabels);
  const pods = await cluster.pods();
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === metadata.namespace &&
      wanted.every(([key, value]) => pod.metadata.labels[key] === value),
  );
}
