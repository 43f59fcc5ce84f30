import type { Environment } from "../environment";

/** Several things that people have changed by hand, and that one plain `pulumi up` mends. */
export interface Damage {
  readonly damage: string;
  readonly damaged: (environment: Environment) => void;
  /** What the checks find then, a remedy each that an update is. */
  readonly found: readonly (readonly [check: string, cluster: string, message: RegExp])[];
}

/** Runs kubectl as people do who don't know that a program has made the objects. */
function byHand(...lines: readonly (readonly [cluster: string, ...words: string[]])[]): Damage["damaged"] {
  return (environment) => {
    for (const [cluster, ...words] of lines) {
      environment.kubectl(cluster, ...words);
    }
  };
}

const [one, two] = ["cluster-1", "cluster-2"] as const;
const inSystem = ["--namespace", "istio-system"];
const inEastWest = ["--namespace", "istio-eastwest"];
const [network, cluster] = ["topology.istio.io/network", "topology.istio.io/cluster"];
const peer = "istio-remote-peer-cluster-2";
const gatewayApi = ["gateways.gateway.networking.k8s.io", "gateway.networking.k8s.io/bundle-version"] as const;

const patch = (kind: string, name: string, options: readonly string[], type: string, change: object): string[] => [
  ...["patch", kind, name, ...options],
  ...["--type", type, "--patch", JSON.stringify(change)],
];
const replaced = (path: string, value: unknown) => [{ op: "replace", path, value }];

/** In the distribution of Pulumi.dev.yaml. */
export const updates: readonly Damage[] = [
  {
    damage: "what was changed",
    damaged: byHand(
      [one, "label", "namespace", "istio-system", `${network}=other`, "--overwrite"],
      [one, "set", "env", "daemonset/ztunnel", ...inSystem, "NETWORK=other", "ISTIO_META_CLUSTER_ID=other"],
      [one, "label", "gateway", "istio-eastwest", ...inEastWest, `${network}=other`, `${cluster}=other`, "--overwrite"],
      [one, "label", "gateway", "istio-eastwest", ...inEastWest, "istio.io/expose-istiod-"],
      [one, ...patch("gateway", "istio-eastwest", inEastWest, "json", replaced("/spec/listeners/1/port", 15013))],
      [one, "label", "gateway", peer, ...inEastWest, `${network}=other`, "--overwrite"],
      [one, "annotate", "gateway", peer, ...inEastWest, "gateway.istio.io/service-account-"],
      [one, "annotate", "gateway", peer, ...inEastWest, "gateway.istio.io/trust-domain=third.example", "--overwrite"],
      [one, ...patch("gateway", peer, inEastWest, "json", replaced("/spec/addresses/0/value", "10.255.20.253"))],
      [two, "scale", "deployment/istiod", ...inSystem, "--replicas=0"],
      [two, "set", "env", "deployment/istiod", ...inSystem, "PEERING_ENABLE_FLAT_NETWORKS-", "CLUSTER_ID=other"],
      [two, "set", "env", "deployment/istiod", ...inSystem, "CA_TRUSTED_NODE_ACCOUNTS=kube-system/ztunnel"],
      [two, "set", "env", "deployment/istiod", ...inSystem, "ISTIO_MULTIROOT_MESH-"],
      [two, "set", "image", "daemonset/ztunnel", ...inSystem, "istio-proxy=registry.invalid/ztunnel:1.28.4-solo"],
      [two, ...patch("configmap", "istio-cni-config", inSystem, "merge", { data: { AMBIENT_DNS_CAPTURE: "false" } })],
      [two, ...patch("configmap", "istio", inSystem, "merge", { data: { mesh: "trustDomain: other.example" } })],
      [
        two,
        ...patch("configmap", "istio-sidecar-injector", inSystem, "merge", {
          data: { values: JSON.stringify({ global: { network: "other", multiCluster: { clusterName: "other" } } }) },
        }),
      ],
      [two, "annotate", "customresourcedefinition", gatewayApi[0], `${gatewayApi[1]}=v1.2.1`, "--overwrite"],
      [two, ...patch("secret", "cacerts", inSystem, "json", [{ op: "remove", path: "/data/ca-key.pem" }])],
    ),
    found: [
      ["network-name", one, /label .* of namespace istio-system is other/],
      ["network-name", one, /ztunnel's variable NETWORK .* is other/],
      ["network-name", one, /of Gateway istio-eastwest\/istio-eastwest is other/],
      ["network-name", one, /of Gateway istio-eastwest\/istio-remote-peer-cluster-2 is other/],
      ["network-name", two, /istiod's value global.network .* is other/],
      ["cluster-names", one, /ztunnel's variable ISTIO_META_CLUSTER_ID .* is other/],
      ["cluster-names", one, /of Gateway istio-eastwest\/istio-eastwest is other/],
      ["cluster-names", two, /istiod's variable CLUSTER_ID .* is other/],
      ["cluster-names", two, /istiod's value global.multiCluster.clusterName .* is other/],
      ["east-west-gateways", one, /on port 15013 instead of 15012/],
      ["east-west-gateways", one, /does not have the label istio.io\/expose-istiod/],
      ["peers", one, /does not have the annotation gateway.istio.io\/service-account/],
      ["peers", one, /has the address 10.255.20.253, but/],
      ["trust-domain", one, /is third.example, but the trust domain of cluster-2 is other.example/],
      ["trust-domain", two, /in ConfigMap istio-system\/istio is other.example/],
      ["pods", two, /Deployment istio-system\/istiod has no pods, since it is scaled to 0/],
      ["istiod-environment", two, /has PEERING_ENABLE_FLAT_NETWORKS not set/],
      ["istiod-environment", two, /does not have ISTIO_MULTIROOT_MESH=true/],
      ["trusted-node-accounts", two, /has CA_TRUSTED_NODE_ACCOUNTS "kube-system\/ztunnel"/],
      ["versions", two, /the image of ztunnel .* is 1.28.4-solo/],
      ["dns-capture", two, /has AMBIENT_DNS_CAPTURE "false"/],
      ["gateway-api", two, /is of release v1.2.1, older than the settings'/],
      ["intermediates", two, /has no readable private key: ca-key.pem does not exist/],
    ],
  },
  {
    damage: "what was deleted",
    damaged: byHand(
      [one, "delete", "secret", "cacerts", ...inSystem],
      [one, "delete", "gateway", peer, ...inEastWest],
      [one, "delete", "daemonset", "ztunnel", "istio-cni-node", ...inSystem],
      [one, "delete", "configmap", "istio", "istio-cni-config", ...inSystem],
      [two, "delete", "deployment", "istiod", ...inSystem],
      [two, "delete", "secret", "--selector=owner=helm,name=istio-cni", ...inSystem],
      // The Gateways go with it.
      [two, "delete", "customresourcedefinition", gatewayApi[0]],
    ),
    found: [
      ["root", one, /Secret istio-system\/cacerts does not exist/],
      ["intermediates", one, /the cluster has no intermediate/],
      ["peers", one, /there is no Gateway for peer cluster-2/],
      ["pods", one, /ztunnel: there is no DaemonSet/],
      ["pods", one, /the CNI node agent: there is no DaemonSet/],
      ["network-name", one, /ztunnel's variable NETWORK .* is missing/],
      ["cluster-names", one, /ztunnel's variable ISTIO_META_CLUSTER_ID .* is missing/],
      ["trusted-node-accounts", one, /ztunnel is not installed/],
      ["trust-domain", one, /there is no ConfigMap istio/],
      ["dns-capture", one, /there is no ConfigMap istio-cni-config/],
      ["pods", two, /istiod: there is no Deployment/],
      ["istiod-environment", two, /istiod is not installed/],
      ["license", two, /istiod is not installed/],
      ["versions", two, /was installed by Helm release istio-system\/istio-cni, of which Helm has no record/],
      ["gateway-api", two, /the definition gateways.gateway.networking.k8s.io is missing/],
    ],
  },
];

const remote = "istio-remote-secret-cluster-2";
const inDemo = ["--namespace", "demo"];

/** In that of Pulumi.community.yaml. */
export const communityUpdates: readonly Damage[] = [
  {
    damage: "what was changed",
    damaged: byHand(
      [one, "label", "secret", remote, ...inSystem, "istio/multiCluster-"],
      [
        two,
        "annotate",
        "secret",
        "istio-remote-secret-cluster-1",
        ...inSystem,
        "networking.istio.io/cluster=other",
        "--overwrite",
      ],
      [
        two,
        ...patch("secret", "istio-remote-secret-cluster-1", inSystem, "merge", {
          stringData: { "cluster-1": "kind: Config" },
        }),
      ],
      [two, "label", "service", "global-service", ...inDemo, "istio.io/global-"],
      [two, "set", "env", "deployment/istiod", ...inSystem, "AMBIENT_ENABLE_MULTI_NETWORK=false"],
    ),
    found: [
      ["remote-secrets", one, /no Secret with the label istio\/multiCluster=true has credentials for cluster-2/],
      ["remote-secrets", two, /but for other by its annotation/],
      ["remote-secrets", two, /has no current context/],
      ["global-services", two, /does not have the label istio.io\/global=true here/],
      ["istiod-environment", two, /has AMBIENT_ENABLE_MULTI_NETWORK "false"/],
    ],
  },
  {
    damage: "what was deleted",
    damaged: byHand(
      [one, "delete", "secret", remote, ...inSystem],
      [two, "delete", "service", "global-service", ...inDemo],
    ),
    found: [
      ["remote-secrets", one, /no Secret with the label istio\/multiCluster=true has credentials for cluster-2/],
      ["global-services", two, /is global in cluster-1, but does not exist here/],
    ],
  },
];
