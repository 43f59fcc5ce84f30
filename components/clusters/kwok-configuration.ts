import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { nodeSubnets } from "../../settings";
import type { ProvisionedClusterArgs } from "./provisioned-cluster";

/** What kwokctl's configuration and the cluster's first objects are built from: see {@link ProvisionedClusterArgs}. */
type KwokConfigurationArgs = Pick<
  ProvisionedClusterArgs,
  "clusterName" | "platform" | "podSubnet" | "serviceSubnet" | "controlPlanes" | "workers"
>;

/**
 * What kwok-create.sh reads: kwokctl's configuration (config.kwok.x-k8s.io/v1alpha1), a line "---", and the list of
 * objects that the cluster starts with.
 */
export function kwokInput(cluster: KwokConfigurationArgs): string {
  const definitions = cluster.platform === "openshift" ? [networkAttachmentDefinition] : [];
  const list = { apiVersion: "v1", kind: "List", items: [...definitions, ...stages(), ...nodes(cluster)] };
  return `${JSON.stringify(kwokctlConfiguration(cluster))}\n---\n${JSON.stringify(list)}\n`;
}

function kwokctlConfiguration(cluster: KwokConfigurationArgs): object {
  return {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    // etcd and some others require no credentials, so only this machine may reach them.
    options: { bindAddress: "127.0.0.1", disableQPSLimits: true, enableCRDs: ["Stage"] },
    componentsPatches: [
      // What a power cut destroys is rebuilt in seconds.
      { name: "etcd", extraArgs: [{ key: "unsafe-no-fsync", value: "true" }] },
      {
        name: "kube-apiserver",
        extraArgs: [
          { key: "service-cluster-ip-range", value: cluster.serviceSubnet },
          // No pod runs that could answer a webhook, so a call would wait for ever.
          { key: "disable-admission-plugins", value: "MutatingAdmissionWebhook,ValidatingAdmissionWebhook" },
        ],
      },
      { name: "kube-controller-manager", extraArgs: [{ key: "cluster-cidr", value: cluster.podSubnet }] },
    ],
  };
}

/** A kind of OpenShift, of which Istio's CNI chart creates an object; its content doesn't matter without pods. */
const networkAttachmentDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "network-attachment-definitions.k8s.cni.cncf.io" },
  spec: {
    group: "k8s.cni.cncf.io",
    scope: "Namespaced",
    names: {
      kind: "NetworkAttachmentDefinition",
      plural: "network-attachment-definitions",
      singular: "network-attachment-definition",
    },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

function stages(): unknown[] {
  const text = readFileSync(join(__dirname, "kwok-stages.yaml"), "utf8");
  return parseAllDocuments(text).map((stage) => stage.toJS() as unknown);
}

/** Nodes named and addressed as kind would: their pods get addresses of the cluster's own pod subnet. */
function nodes(cluster: KwokConfigurationArgs): object[] {
  const names = [
    ...numbered(`${cluster.clusterName}-control-plane`, cluster.controlPlanes),
    ...numbered(`${cluster.clusterName}-worker`, cluster.workers),
  ];
  const subnets = nodeSubnets(cluster.podSubnet, names.length);
  return names.map((name, index) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" } },
    spec: { podCIDR: subnets[index], podCIDRs: [subnets[index]] },
  }));
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? name : `${name}${String(index + 1)}`));
}
