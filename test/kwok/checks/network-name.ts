import { type Fault, patched } from "./fault";

const label = "topology.istio.io/network";
const wrong = { metadata: { labels: { [label]: "other" } } };
const right = { metadata: { labels: { [label]: "flat-network" } } };
const env = (value: string) => ({
  spec: { template: { spec: { containers: [{ name: "istio-proxy", env: [{ name: "NETWORK", value }] }] } } },
});

/** Each of the five places, by itself. */
export const networkNameFaults: readonly Fault[] = [
  {
    fault: "the label of istio-system",
    command: true,
    ...patched(["cluster-1", "namespace", "istio-system", "default"], wrong, right),
    message: /the label topology.istio.io\/network of namespace istio-system is other instead of flat-network/,
  },
  {
    fault: "istiod's value",
    command: true,
    breaks: (environment: Parameters<Fault["breaks"]>[0]) => {
      environment.replace("cluster-1", ["configmap", "istio-sidecar-injector", "istio-system"], (text) =>
        text.replace('\\"network\\": \\"flat-network\\"', '\\"network\\": \\"other\\"'),
      );
    },
    mends: (environment: Parameters<Fault["breaks"]>[0]) => {
      environment.replace("cluster-1", ["configmap", "istio-sidecar-injector", "istio-system"], (text) =>
        text.replace('\\"network\\": \\"other\\"', '\\"network\\": \\"flat-network\\"'),
      );
    },
    message: /istiod's value global.network .* is other instead of flat-network/,
  },
  {
    fault: "ztunnel's variable",
    command: true,
    breaks: (environment: Parameters<Fault["breaks"]>[0]) => {
      environment.strategicPatch("cluster-1", ["daemonset", "ztunnel", "istio-system"], env("other"));
    },
    mends: (environment: Parameters<Fault["breaks"]>[0]) => {
      environment.strategicPatch("cluster-1", ["daemonset", "ztunnel", "istio-system"], env("flat-network"));
    },
    message: /ztunnel's variable NETWORK .* is other instead of flat-network/,
  },
  {
    fault: "the label of the east-west Gateway",
    command: true,
    ...patched(["cluster-1", "gateway", "istio-eastwest", "istio-eastwest"], wrong, right),
    message: /of Gateway istio-eastwest\/istio-eastwest is other instead of flat-network/,
  },
  {
    fault: "the label of a peer's Gateway",
    command: true,
    ...patched(["cluster-1", "gateway", "istio-remote-peer-cluster-2", "istio-eastwest"], wrong, right),
    message: /of Gateway istio-eastwest\/istio-remote-peer-cluster-2 is other instead of flat-network/,
  },
].map((fault) => ({ check: "network-name", cluster: "cluster-1", ...fault }));
