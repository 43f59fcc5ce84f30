import type { Cluster, objects } from "../inventory";

/** What a pod has logged since then, by the clock of its API server. @throws Unreachable, Forbidden */
export async function logSince(cluster: Cluster, { metadata, spec }: objects.Pod, since: Date): Promise<string> {
  const [container] = spec.containers;
  const query = new URLSearchParams({
    container: container?.name ?? "",
    // The node's clock need not be the API server's.
    sinceTime: new Date(since.getTime() - 2000).toISOString(),
  });
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log`;
  return (await cluster.text(`${path}?${query.toString()}`)) ?? "";
}
