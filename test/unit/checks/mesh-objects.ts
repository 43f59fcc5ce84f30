/** Objects of a mesh that runs, as its API server has them: what is right, for tests to spoil. */
import { realNode, type Recorded } from "./fake-cluster";

export type Labels = Readonly<Record<string, string>>;

/** A pod, Ready or not. */
export function pod(namespace: string, name: string, labels: Labels, more: object = {}): object {
  return {
    metadata: { namespace, name, labels },
    spec: { nodeName: "node", containers: [] },
    status: {
      phase: "Running",
      podIPs: [{ ip: "10.10.0.7" }],
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [],
    },
    ...more,
  };
}

/** The status of a pod that does not come up. */
export const waiting = {
  status: {
    phase: "Pending",
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [{ name: "main", state: { waiting: { reason: "ImagePullBackOff" } } }],
  },
};

/** A Deployment or DaemonSet. */
export function workload(
  namespace: string,
  name: string,
  labels: Labels,
  container: object = {},
  more: object = {},
): object {
  return {
    metadata: { namespace, name, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", ...container }] } },
    },
    status: { desiredNumberScheduled: 1, numberReady: 1, readyReplicas: 1 },
    ...more,
  };
}

const env = (variables: Labels) => Object.entries(variables).map(([name, value]) => ({ name, value }));

/** What istiod runs with, by distribution. */
export const variables = {
  solo: {
    CLUSTER_ID: "east",
    ENABLE_PEERING_DISCOVERY: "true",
    PEERING_ENABLE_FLAT_NETWORKS: "true",
    PILOT_ENABLE_AMBIENT: "true",
    ISTIO_MULTIROOT_MESH: "true",
  },
  community: {
    CLUSTER_ID: "east",
    AMBIENT_ENABLE_MULTI_NETWORK: "true",
    PILOT_ENABLE_AMBIENT: "true",
    ISTIO_MULTIROOT_MESH: "true",
  },
} as const;

/** istiod, with these variables. */
export function istiod(variablesOf: Labels): object {
  return workload("istio-system", "istiod", { app: "istiod" }, { image: "istio/pilot:1", env: env(variablesOf) });
}

/** A cluster with every part of the mesh, and one Ready pod of each. */
export function meshObjects(variablesOf: Labels = variables.community): Recorded {
  return {
    "/api/v1/nodes": [realNode],
    "/apis/apps/v1/deployments": [istiod(variablesOf)],
    "/apis/apps/v1/daemonsets": [
      workload("istio-system", "ztunnel", { app: "ztunnel" }),
      workload("istio-cni", "istio-cni-node", { "k8s-app": "istio-cni-node" }),
    ],
    "/api/v1/pods": [
      pod("istio-system", "istiod-1", { app: "istiod" }),
      pod("istio-system", "ztunnel-1", { app: "ztunnel" }),
      pod("istio-cni", "istio-cni-node-1", { "k8s-app": "istio-cni-node" }),
    ],
    "/api/v1/configmaps": [
      { metadata: { namespace: "istio-cni", name: "istio-cni-config" }, data: { AMBIENT_DNS_CAPTURE: "true" } },
    ],
  };
}
