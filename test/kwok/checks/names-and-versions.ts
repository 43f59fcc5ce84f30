import { gunzipSync, gzipSync } from "node:zlib";
import type { Environment } from "../environment";
import { changed, type Fault, patched } from "./fault";

type Place = readonly [kind: string, name: string, namespace: string];

/** A text within an object, one for another. */
function replaced(place: Place, right: string, wrong: string): Pick<Fault, "breaks" | "mends"> {
  const replace = (from: string, to: string) => (environment: Environment) => {
    environment.replace("cluster-1", place, (text) => text.replace(from, to));
  };
  return { breaks: replace(right, wrong), mends: replace(wrong, right) };
}

/** A field of a workload's container. */
function inContainer(place: Place, name: string, right: object, wrong: object): Pick<Fault, "breaks" | "mends"> {
  const patch = (field: object) => (environment: Environment) => {
    environment.strategicPatch("cluster-1", place, {
      spec: { template: { spec: { containers: [{ name, ...field }] } } },
    });
  };
  return { breaks: patch(wrong), mends: patch(right) };
}

const env = (name: string, value: string) => ({ env: [{ name, value }] });
const [istiod, ztunnel] = [
  ["deployment", "istiod", "istio-system"],
  ["daemonset", "ztunnel", "istio-system"],
] as const;
const eastWest = ["cluster-1", "gateway", "istio-eastwest", "istio-eastwest"] as const;
const peer = ["cluster-1", "gateway", "istio-remote-peer-cluster-2", "istio-eastwest"] as const;
const clusterLabel = (name: string) => ({ metadata: { labels: { "topology.istio.io/cluster": name } } });
const peersDomain = (name: string) => ({ metadata: { annotations: { "gateway.istio.io/trust-domain": name } } });
const gateways = ["cluster-1", "customresourcedefinition", "gateways.gateway.networking.k8s.io", "default"] as const;
const release = (version: string) => ({
  metadata: { annotations: { "gateway.networking.k8s.io/bundle-version": version } },
});
const image = (tag: string) => ({ image: `us-docker.pkg.dev/gloo-mesh/istio-000000000000/ztunnel:${tag}` });
const record = ["cluster-1", "secret", "sh.helm.release.v1.istio-cni.v1", "istio-system"] as const;

/** A record of Helm with a text in it changed. */
function recorded(from: string, to: string): Pick<Fault, "breaks" | "mends"> {
  return changed(record, (environment) => {
    const { data } = environment.get("cluster-1", record[1], record[2], record[3]) as unknown as {
      readonly data: { readonly release: string };
    };
    const json = gunzipSync(Buffer.from(Buffer.from(data.release, "base64").toString(), "base64")).toString();
    const text = gzipSync(json.replace(from, to)).toString("base64");
    const patch = JSON.stringify({ data: { release: Buffer.from(text).toString("base64") } });
    environment.kubectl(
      "cluster-1",
      ...["patch", "secret", record[2], "--namespace", record[3], "--type", "merge", "--patch", patch],
    );
  });
}

/** What every cluster is called and made of. */
export const nameAndVersionFaults: readonly Fault[] = [
  {
    check: "trust-domain",
    fault: "istiod's",
    command: true,
    ...replaced(["configmap", "istio", "istio-system"], "trustDomain: cluster.local", "trustDomain: other.example"),
    message: /the trust domain in ConfigMap istio-system\/istio is other.example instead of cluster.local/,
  },
  {
    check: "trust-domain",
    fault: "a peer's",
    command: true,
    ...patched(peer, peersDomain("other.example"), peersDomain("cluster.local")),
    message:
      /of Gateway .*\/istio-remote-peer-cluster-2 is other.example, but the trust domain of cluster-2 is cluster.local/,
  },
  {
    check: "cluster-names",
    fault: "istiod's variable",
    command: true,
    ...inContainer(istiod, "discovery", env("CLUSTER_ID", "cluster-1"), env("CLUSTER_ID", "other")),
    message: /istiod's variable CLUSTER_ID .* is other instead of cluster-1/,
  },
  {
    check: "cluster-names",
    fault: "one name for two",
    ...inContainer(istiod, "discovery", env("CLUSTER_ID", "cluster-1"), env("CLUSTER_ID", "cluster-2")),
    between: true,
    message: /both have the name cluster-2 in their istiods/,
  },
  {
    check: "cluster-names",
    fault: "istiod's value",
    command: true,
    ...replaced(
      ["configmap", "istio-sidecar-injector", "istio-system"],
      '\\"clusterName\\": \\"cluster-1\\"',
      '\\"clusterName\\": \\"other\\"',
    ),
    message: /istiod's value global.multiCluster.clusterName .* is other instead of cluster-1/,
  },
  {
    check: "cluster-names",
    fault: "ztunnel's variable",
    command: true,
    ...inContainer(
      ztunnel,
      "istio-proxy",
      env("ISTIO_META_CLUSTER_ID", "cluster-1"),
      env("ISTIO_META_CLUSTER_ID", "other"),
    ),
    message: /ztunnel's variable ISTIO_META_CLUSTER_ID .* is other instead of cluster-1/,
  },
  {
    check: "cluster-names",
    fault: "the label of the east-west Gateway",
    command: true,
    ...patched(eastWest, clusterLabel("other"), clusterLabel("cluster-1")),
    message: /of Gateway istio-eastwest\/istio-eastwest is other instead of cluster-1/,
  },
  {
    check: "gateway-api",
    fault: "an older release",
    command: true,
    ...patched(gateways, release("v1.2.1"), release("v1.4.0")),
    message: /gateways.gateway.networking.k8s.io is of release v1.2.1, older than the settings' v1.4.0/,
  },
  {
    check: "gateway-api",
    fault: "different releases",
    command: true,
    ...patched(gateways, release("v1.2.1"), release("v1.4.0")),
    status: "warning" as const,
    between: true,
    message: /different releases of the Gateway API: cluster-1 has v1.2.1, cluster-2 has v1.4.0/,
  },
  {
    check: "versions",
    fault: "another image",
    ...inContainer(ztunnel, "istio-proxy", image("1.28.5-solo-distroless"), image("1.28.4-solo-distroless")),
    message: /the image of ztunnel .* is 1.28.4-solo instead of 1.28.5-solo/,
  },
  {
    check: "versions",
    fault: "another chart",
    ...recorded('"version":"1.28.5-solo"', '"version":"1.28.4-solo"'),
    message: /the chart cni \(Helm release istio-system\/istio-cni\) is 1.28.4-solo instead of 1.28.5-solo/,
  },
  {
    check: "versions",
    fault: "a release that failed",
    command: true,
    ...recorded('"status":"deployed"', '"status":"failed"'),
    message: /Helm release istio-system\/istio-cni \(chart cni\): its last revision, 1, is failed/,
  },
].map(({ between = false, ...fault }: Omit<Fault, "cluster"> & { readonly between?: boolean }) =>
  between ? fault : { ...fault, cluster: "cluster-1" },
);
