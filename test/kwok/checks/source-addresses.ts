import type { Environment } from "../environment";
import type { Fault } from "./fault";

const cluster = "cluster-2";

/** A network plugin of others, as far as the check reads it. */
function daemonSet(name: string, env: readonly object[] = []): object {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: "kube-system" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name, image: name, env }] } },
    },
  };
}

function configMap(name: string, data: object): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "kube-system" }, data };
}

/** Calico's definition of pools, without its schema. */
const pools = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "ippools.projectcalico.org" },
  spec: {
    group: "projectcalico.org",
    scope: "Cluster",
    names: { plural: "ippools", singular: "ippool", kind: "IPPool", listKind: "IPPoolList" },
    versions: [
      {
        name: "v3",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};
const pool = {
  apiVersion: "projectcalico.org/v3",
  kind: "IPPool",
  metadata: { name: "default-ipv4-ippool" },
  spec: { cidr: "10.20.0.0/16", natOutgoing: true },
};

function there(...objects: readonly object[]): Pick<Fault, "breaks" | "mends"> {
  return {
    breaks: (environment: Environment) => {
      for (const object of objects) {
        environment.apply(cluster, object);
        if (object === pools) {
          environment.kubectl(cluster, "wait", "crd/ippools.projectcalico.org", "--for=condition=Established");
        }
      }
    },
    mends: (environment: Environment) => {
      objects.toReversed().forEach((object) => {
        environment.remove(cluster, object);
      });
    },
  };
}

/** What masquerades in an existing cluster, each until its command has been run. */
export const sourceAddressFaults: readonly Fault[] = [
  {
    fault: "an ip-masq-agent that lists other ranges",
    message: /^ip-masq-agent .* 10\.10\.0\.0\/16 \(pods of cluster-1\).* has nonMasqueradeCIDRs: 172\.16\.0\.0\/12$/,
    ...there(
      daemonSet("ip-masq-agent"),
      configMap("ip-masq-agent", { config: "nonMasqueradeCIDRs:\n- 172.16.0.0/12\nresyncInterval: 30s\n" }),
    ),
  },
  {
    fault: "Cilium that spares its own pods alone",
    message: /^Cilium masquerades .* has ipv4-native-routing-cidr: 10\.20\.0\.0\/16$/,
    ...there(daemonSet("cilium"), configMap("cilium-config", { "ipv4-native-routing-cidr": "10.20.0.0/16" })),
  },
  {
    fault: "Calico with natOutgoing, and no pool of the other cluster",
    message: /^Calico masquerades .* IPPool default-ipv4-ippool \(10\.20\.0\.0\/16\) has natOutgoing: true/,
    ...there(pools, pool, daemonSet("calico-node")),
  },
  {
    fault: "the VPC CNI of AWS without an exception",
    message: /^the VPC CNI of AWS masquerades .* AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: none$/,
    ...there(daemonSet("aws-node")),
  },
  {
    fault: "kindnet of a cluster that the stack has not made",
    message: /^kindnet masquerades .* has POD_SUBNET: 10\.20\.0\.0\/16$/,
    ...there(daemonSet("kindnet", [{ name: "POD_SUBNET", value: "10.20.0.0/16" }])),
  },
].map((fault) => ({ check: "source-addresses", cluster, command: true, status: "warning" as const, ...fault }));
