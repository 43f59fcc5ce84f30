import { z } from "zod";
import { type Cluster, objects } from "../inventory";

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
  const labels = Object.entries(spec.selector.matchLabels);
  const pods = await cluster.pods();
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === metadata.namespace &&
      labels.every(([key, value]) => pod.metadata.labels[key] === value),
  );
}

/** Helm's values as istiod has them for its injector. */
const Values = z.object({
  global: z.object({
    network: z.string().default(""),
    meshID: z.string().default(""),
    multiCluster: z.object({ clusterName: z.string().default("") }).default({ clusterName: "" }),
  }),
});
type Values = z.output<typeof Values>;

/** The values that istiod was installed with, however it was; undefined where it has left none. */
export async function istiodValues(cluster: Cluster): Promise<Values | undefined> {
  const [istiod] = await cluster.istiods();
  const namespace = istiod?.metadata.namespace ?? "istio-system";
  const injectors = await cluster.list(`/api/v1/namespaces/${namespace}/configmaps`, objects.ConfigMap);
  const injector = injectors.find(({ metadata }) => /^istio-sidecar-injector(-|$)/.test(metadata.name));
  const text = injector?.data["values"];
  if (text === undefined) {
    return undefined;
  }
  try {
    return Values.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
