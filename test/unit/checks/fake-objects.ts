import { FakeReader } from "./fake-reader";

export interface NodeShape {
  readonly address?: string;
  readonly podSubnet?: string;
  readonly hollow?: boolean;
  readonly providerId?: string;
}

/** A node as the API server has it. */
export function node(name: string, { address, podSubnet, hollow = false, providerId = "" }: NodeShape = {}): object {
  return {
    metadata: { name },
    spec: { podCIDRs: podSubnet === undefined ? null : [podSubnet], providerID: providerId },
    status: {
      addresses: [
        ...(address === undefined ? [] : [{ type: "InternalIP", address }]),
        { type: "Hostname", address: name },
      ],
      conditions: [{ type: "Ready", status: "True" }],
      nodeInfo: { kubeletVersion: hollow ? "kwok-v0.8.0" : "v1.34.4" },
    },
  };
}

export interface PodShape {
  readonly labels?: Readonly<Record<string, string>>;
  readonly ip?: string;
  readonly node?: string;
  readonly ready?: boolean;
  readonly containers?: readonly string[];
}

/** A pod that runs. */
export function pod(
  path: string,
  { labels = {}, ip, node: nodeName = "node", ready = true, containers = ["main"] }: PodShape,
) {
  const [namespace = "", name = ""] = path.split("/");
  return {
    metadata: { name, namespace, labels },
    spec: { nodeName, containers: containers.map((container) => ({ name: container })) },
    status: {
      phase: "Running",
      ...(ip !== undefined && { podIP: ip, podIPs: [{ ip }] }),
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    },
  };
}

/** A Deployment or DaemonSet whose pods have the label `app`. */
export function workload(path: string, app: string, env: Readonly<Record<string, string>> = {}) {
  const [namespace = "", name = ""] = path.split("/");
  return {
    metadata: { name, namespace, labels: { app } },
    spec: {
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: {
          containers: [
            { name: app, image: "istio", env: Object.entries(env).map(([key, value]) => ({ name: key, value })) },
          ],
        },
      },
    },
    status: { desiredNumberScheduled: 1, numberReady: 1, readyReplicas: 1 },
  };
}

/** A cluster with istiod and ztunnel on one node, as `distribution` has them. */
export function meshCluster(
  name: string,
  { distribution = "community", ...shape }: NodeShape & { readonly distribution?: "solo" | "community" } = {},
): FakeReader {
  const env = { CLUSTER_ID: name, ...(distribution === "solo" && { PEERING_ENABLE_FLAT_NETWORKS: "true" }) };
  const host = `${name}-control-plane`;
  return new FakeReader()
    .add("/api/v1/nodes", node(host, shape))
    .add("/apis/apps/v1/deployments", workload("istio-system/istiod", "istiod", env))
    .add("/apis/apps/v1/daemonsets", workload("istio-system/ztunnel", "ztunnel"))
    .add(
      "/api/v1/pods",
      pod("istio-system/istiod-1", { labels: { app: "istiod" }, node: host, containers: ["discovery"] }),
      pod("istio-system/ztunnel-1", { labels: { app: "ztunnel" }, node: host, containers: ["istio-proxy"] }),
    );
}
