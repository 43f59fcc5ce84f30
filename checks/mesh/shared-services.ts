import { type Cluster, objects } from "../inventory";

/** A Service that pods of several clusters answer as one, as one cluster has it. */
export interface SharedService {
  /** `<namespace>/<name>`: the same in all clusters. */
  readonly path: string;
  readonly namespace: string;
  readonly name: string;
  /** `segment` is for a part of the clusters, under a domain of its own. */
  readonly scope: "global" | "segment";
}

/** The label that makes a Service global, by distribution. */
export const globalLabels = {
  solo: "solo.io/service-scope=global",
  community: "istio.io/global=true",
} as const;

/** The Services of a cluster that are one with those of other clusters. */
export async function sharedServices(cluster: Cluster, distribution: "solo" | "community"): Promise<SharedService[]> {
  const all = await cluster.list("/api/v1/services", objects.Service);
  return all.flatMap(({ metadata: { namespace, name, labels } }) => {
    const scope = distribution === "solo" ? labels["solo.io/service-scope"] : "global";
    const shared =
      distribution === "solo" ? scope === "global" || scope === "segment" : labels["istio.io/global"] === "true";
    return shared
      ? [{ path: `${namespace}/${name}`, namespace, name, scope: scope === "segment" ? "segment" : "global" }]
      : [];
  });
}

/** A ready endpoint of a Service. */
export interface Endpoint {
  readonly address: string;
  /** Name of the pod; empty where it is none. */
  readonly pod: string;
}

/** The ready endpoints that a cluster has of a Service itself, by its EndpointSlices. */
export async function endpointsOf(
  cluster: Cluster,
  { namespace, name }: Pick<SharedService, "namespace" | "name">,
): Promise<Endpoint[]> {
  const slices = await cluster.list("/apis/discovery.k8s.io/v1/endpointslices", objects.EndpointSlice);
  return slices
    .filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels["kubernetes.io/service-name"] === name,
    )
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ conditions }) => conditions.ready !== false)
    .flatMap(({ addresses, targetRef }) =>
      addresses.map((address) => ({ address, pod: targetRef?.kind === "Pod" ? targetRef.name : "" })),
    );
}
