import { type Cluster, objects } from "../inventory";
import { kubectl } from "../remedies";

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

/** The port of a peer for its control plane's discovery, and that of the mesh's own traffic. */
export const [discoveryPort, dataPort] = [15012, 15008];

/**
 * What both kinds of Gateway lack of their two listeners, a phrase each.
 *
 * @param discovery The discovery's port, which is one of the nodes where there is no load balancer.
 */
export function listenerProblems({ spec }: objects.Gateway, discovery = discoveryPort): string[] {
  const required = [
    { what: "the mesh's traffic", port: dataPort, protocol: "HBONE" },
    { what: "the control plane's discovery", port: discovery, protocol: "TLS" },
  ];
  return required.flatMap(({ what, port, protocol }) => {
    const own = spec.listeners.find((listener) => listener.protocol === protocol);
    if (own === undefined) {
      return [`no listener for ${what} (${String(port)} ${protocol})`];
    }
    return [
      ...(own.port === port
        ? []
        : [`listener ${own.name} for ${what} on port ${String(own.port)} instead of ${String(port)}`]),
      ...(own.tls?.mode === "Passthrough" ? [] : [`listener ${own.name} without tls.mode Passthrough`]),
    ];
  });
}

/** How one does something to a Gateway by hand. */
export function gatewaysCommand(
  cluster: Cluster,
  verb: "edit" | "label" | "annotate" | "delete",
  { metadata }: objects.Gateway,
  ...more: readonly string[]
): string {
  return kubectl(cluster, verb, "gateway", "-n", metadata.namespace, metadata.name, ...more);
}
