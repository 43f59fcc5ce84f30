import { type Cluster, objects } from "../mesh";

export const networkLabel = "topology.istio.io/network";
export const clusterLabel = "topology.istio.io/cluster";

const path = "/apis/gateway.networking.k8s.io/v1/gateways";

/** The Gateways through which control planes of peers discover a cluster's services, in whatever namespace. */
export async function eastWestGateways(cluster: Cluster): Promise<objects.Gateway[]> {
  const all = await cluster.list(path, objects.Gateway);
  return all.filter(
    ({ spec, metadata }) =>
      ["istio-eastwest", "istio-east-west"].includes(spec.gatewayClassName) ||
      "istio.io/expose-istiod" in metadata.labels,
  );
}

/** The Gateways that stand for peers. */
export async function peerGateways(cluster: Cluster): Promise<objects.Gateway[]> {
  const all = await cluster.list(path, objects.Gateway);
  return all.filter(({ spec }) => spec.gatewayClassName === "istio-remote");
}
