import { z } from "zod";
import type { Verdict } from "../faults";
import { kubeconfigFault } from "./kubeconfig";
import { notes } from "./notes";
import { contextName, dnsLabel, hostAddress, hostAddressFault, image, judged, labelValue, subnet } from "./texts";

/** The platforms that Istio's charts have a profile for (`global.platform`); plain Kubernetes needs none. */
export const platforms = ["openshift", "gke", "k3d", "k3s", "microk8s", "minikube"] as const;

const name = dnsLabel.describe("Name in the mesh, unique in the stack: a DNS label");

const provisioner = "What makes it: kind, kwokctl, or nobody because it exists";

const place = {
  platform: z
    .enum(platforms)
    .optional()
    .describe("Platform, where Istio's charts treat it differently")
    .register(notes, { fallback: "plain Kubernetes" }),
  region: labelValue.optional().describe("Region that peers see the cluster in (topology.kubernetes.io/region)"),
  zone: labelValue.optional().describe("Zone that peers see the cluster in (topology.kubernetes.io/zone)"),
};

/** What Kubernetes gives to Services of type NodePort unless told otherwise (--service-node-port-range) has 30012 in it. */
const usualNodePort = 30012;

const reach = {
  nodePort: z
    .strictObject({
      address: hostAddress.describe("Address under which other clusters reach its nodes: an IP address, or a DNS name"),
      port: z
        .int()
        .min(1, { error: "write 1 or more" })
        .max(65535, { error: "write 65535 or less" })
        .default(usualNodePort)
        .describe("Port of all nodes for the control planes of others, of those that the cluster has for NodePorts"),
    })
    .optional()
    .describe("For a cluster without load balancers: others reach its east-west Gateway by the nodes' own addresses"),
};

const planned = { fallback: "planned" };

const subnets = {
  podSubnet: subnet
    .optional()
    .describe("Subnet of the pods; every node takes a /24 of it. For an existing cluster: the one it has")
    .register(notes, planned),
  serviceSubnet: subnet
    .optional()
    .describe("Subnet of the services, /12 to /28. For an existing cluster: the one it has")
    .register(notes, planned),
};

/** What Kubernetes is tested with (https://kubernetes.io/docs/setup/best-practices/cluster-large/). */
const mostNodes = 5000;

const nodes = {
  controlPlanes: z
    .int()
    .min(1, { error: "write 1 or more" })
    .max(mostNodes, { error: "write 5000 or less" })
    .default(1)
    .describe("Number of control-plane nodes; nodes of kwok clusters only say that they run"),
  workers: z
    .int()
    .min(0, { error: "write 0 or more" })
    .max(mostNodes, { error: "write 5000 or less" })
    .default(0)
    .describe("Number of further nodes"),
};

/** A cluster of containers, made by kind. */
export const kindCluster = z
  .strictObject({
    name,
    provisioner: z.literal("kind").describe(provisioner),
    ...place,
    ...reach,
    ...subnets,
    ...nodes,
    nodeImage: image.optional().describe("Image of its nodes").register(notes, { fallback: "kind's own" }),
  })
  .register(notes, { title: "kind clusters" });

/** A control plane with nodes and pods that only say that they run, made by kwokctl. */
export const kwokCluster = z
  .strictObject({
    name,
    provisioner: z.literal("kwok").describe(provisioner),
    ...place,
    ...reach,
    ...subnets,
    ...nodes,
  })
  .register(notes, { title: "kwok clusters" });

/** A cluster that is there already, whatever runs it. */
export const existingCluster = z
  .strictObject({
    name,
    provisioner: z.literal("existing").describe(provisioner),
    ...place,
    ...reach,
    ...subnets,
    kubeconfig: judged(kubeconfigFault)
      .register(notes, { secret: true })
      .optional()
      .describe("Text of the kubeconfig that reaches it; a secret")
      .register(notes, { fallback: "the engineer's own" }),
    context: contextName
      .optional()
      .describe("Context of the kubeconfig; without `kubeconfig` it is needed")
      .register(notes, { fallback: "the kubeconfig's current one" }),
    apiServer: judged(serverFault)
      .optional()
      .describe("URL of its API server as pods of the other clusters reach it (community distribution)")
      .register(notes, { fallback: "the kubeconfig's" }),
  })
  .register(notes, { title: "existing clusters" });

/** What is wrong with the URL of an API server; undefined when nothing is. */
function serverFault(text: string): Verdict | undefined {
  const remedy = "write https://HOST or https://HOST:PORT, such as https://10.0.0.5:6443";
  if (!/^https:\/\/[^/@?#\s]+\/?$/.test(text) || !URL.canParse(text)) {
    return { problem: "is no https URL of a host alone", remedy };
  }
  const verdict = hostAddressFault(new URL(text).hostname.replace(/^\[(.*)\]$/, "$1"));
  return verdict && { problem: `has a host that ${verdict.problem}`, remedy };
}

/** A cluster as a stack's settings give it. */
export const cluster = z.discriminatedUnion("provisioner", [kindCluster, kwokCluster, existingCluster]);
