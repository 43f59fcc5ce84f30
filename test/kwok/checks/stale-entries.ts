import { added, type Fault } from "./fault";

/** An entry as Solo's istiod makes it for a pod of another cluster. */
function entry(source: string, pod: string, address: string): object {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "WorkloadEntry",
    metadata: {
      name: `autogenflat.${source}.demo.${pod}.eacd81ea03fd`,
      namespace: "istio-system",
      labels: {
        "solo.io/source-cluster": source,
        "solo.io/parent-service": "global-service",
        "solo.io/parent-service-namespace": "demo",
      },
      annotations: { "solo.io/peered-workload-uid": `${source}//Pod/demo/${pod}` },
    },
    spec: { address, network: "flat-network" },
  };
}

/** What istiod has left behind. */
export const staleEntryFaults: readonly Fault[] = [
  {
    fault: "the pod is gone",
    command: true,
    ...added("cluster-1", entry("cluster-2", "global-service-gone", "10.20.9.9")),
    message: /is for pod demo\/global-service-gone \(10.20.9.9\) of cluster-2, which is gone/,
  },
  {
    fault: "the cluster is gone",
    command: true,
    ...added("cluster-1", entry("cluster-9", "web-1", "10.90.0.9")),
    message: /1 entries are for pods of cluster-9, which is not in this mesh/,
  },
  {
    fault: "it is this cluster's own",
    command: true,
    ...added("cluster-1", entry("cluster-1", "web-1", "10.10.0.9")),
    message: /1 entries are for pods of cluster-1, which is this cluster itself/,
  },
].map((fault) => ({ check: "stale-entries", cluster: "cluster-1", ...fault }));
