import { z } from "zod";
import { apiServerUrl, ipv4HostAddress, subnet } from "./addresses";
import { clusterChartSettings } from "./chart-settings";
import { clusterEastWestGateway } from "./east-west-gateway";
import { contextName, dnsLabel, labelValue, wholeNumber } from "./formats";
import { image } from "./images";
import type { PartialCluster, PartialConfig, Report } from "./issues";
import { kubeconfigSource } from "./kubeconfig-sources";

/** The platforms that Istio's charts have a profile for (`global.platform`); plain Kubernetes needs none. */
export const platforms = ["openshift", "gke", "k3d", "k3s", "microk8s", "minikube"] as const;

/** What people also call platforms that Istio's charts have a profile for. */
const otherNames: Readonly<Record<string, (typeof platforms)[number]>> = {
  ocp: "openshift",
  okd: "openshift",
  rosa: "openshift",
  aro: "openshift",
  gcp: "gke",
  autopilot: "gke",
};

/** Platforms that Istio's charts treat like plain Kubernetes, in the letters that settings of platforms have. */
const plainPlatforms = [
  ["EKS", "aws", "amazon"],
  ["AKS", "azure"],
  ["RKE2", "rke", "rancher"],
  ["OKE", "oci", "oracle"],
  ["IKS", "ibm"],
  ["ACK", "alibaba"],
  ["DOKS", "digitalocean"],
  ["LKE", "linode"],
  ["TKG", "tanzu", "vsphere"],
  ["Talos"],
  ["k0s"],
  ["kind"],
  ["kubeadm"],
  ["plain Kubernetes", "kubernetes", "k8s", "plain", "vanilla", "generic", "none", "default", "onprem", "baremetal"],
] as const;

/** What to write in place of a platform that Istio's charts have no profile for; undefined where nothing is known of it. */
function platformRemedy(given: unknown): string | undefined {
  const words =
    String(given)
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  // "RKE 2" is one name, "Amazon EKS" has two.
  const names = new Set([words.join(""), ...words]);
  const profile = platforms.find((one) => names.has(one)) ?? [...names].flatMap((one) => otherNames[one] ?? [])[0];
  if (profile !== undefined) {
    return `write ${profile}`;
  }
  const plain = plainPlatforms.find((others) => others.some((one) => names.has(one.toLowerCase().replace(" ", ""))));
  return plain && `leave it out: Istio's charts need no platform for ${plain[0]}, only for ${platforms.join(", ")}`;
}

const name = dnsLabel.describe("Name in the mesh, unique in the stack: a DNS label");

const provisioner = "What makes it: kind, kwokctl, or nobody because it exists";

const place = {
  platform: z
    .enum(platforms, { error: ({ input }) => platformRemedy(input) })
    .optional()
    .meta({
      description: "Platform, where Istio's charts treat it differently. EKS, AKS, RKE2 and others need none",
      fallback: "plain Kubernetes",
    }),
  region: labelValue.optional().describe("Region that peers see the cluster in (topology.kubernetes.io/region)"),
  zone: labelValue.optional().describe("Zone that peers see the cluster in (topology.kubernetes.io/zone)"),
};

/** In the range that Kubernetes gives to Services of type NodePort by default (--service-node-port-range). */
const usualNodePort = 30012;

const reach = {
  nodePort: z
    .strictObject({
      address: ipv4HostAddress.describe(
        "Address under which other clusters reach its nodes: an IPv4 address, or a DNS name",
      ),
      port: wholeNumber(1, 65535)
        .default(usualNodePort)
        .describe("Port of all nodes for the control planes of others, of those that the cluster has for NodePorts"),
    })
    .optional()
    .describe("For a cluster without load balancers: others reach its east-west Gateway by the nodes' own addresses"),
  eastWestGateway: clusterEastWestGateway.meta({
    description:
      "The same keys as the stack's [`eastWestGateway`](#eastwestgateway), for this cluster: its maps are merged into the stack's, anything " +
      "else replaces it",
    sameAs: "eastWestGateway",
  }),
};

const subnets = {
  podSubnet: subnet.optional().meta({
    description: "Subnet of the pods; every node takes a /24 of it. For an existing cluster: the one it has",
    fallback: "planned",
  }),
  serviceSubnet: subnet.optional().meta({
    description: "Subnet of the services, /12 to /28. For an existing cluster: the one it has",
    fallback: "planned",
  }),
};

/** What Kubernetes is tested with (https://kubernetes.io/docs/setup/best-practices/cluster-large/). */
const mostNodes = 5000;

const nodes = {
  controlPlanes: wholeNumber(1, mostNodes)
    .default(1)
    .describe("Number of control-plane nodes; nodes of kwok clusters are simulated"),
  workers: wholeNumber(0, mostNodes).default(0).describe("Number of further nodes"),
};

/** A cluster of containers, created by kind. */
export const kindCluster = z
  .strictObject({
    name,
    provisioner: z.literal("kind").describe(provisioner),
    ...place,
    ...reach,
    ...subnets,
    ...clusterChartSettings,
    ...nodes,
    nodeImage: image.optional().meta({ description: "Image of its nodes", fallback: "kind's own" }),
  })
  .meta({ title: "kind clusters" });

/** A control plane with simulated nodes and pods, created by kwokctl. */
export const kwokCluster = z
  .strictObject({
    name,
    provisioner: z.literal("kwok").describe(provisioner),
    ...place,
    ...reach,
    ...subnets,
    ...clusterChartSettings,
    ...nodes,
  })
  .meta({ title: "kwok clusters" });

/** A cluster that exists already, whatever runs it. */
export const existingCluster = z
  .strictObject({
    name,
    provisioner: z.literal("existing").describe(provisioner),
    ...place,
    ...reach,
    ...subnets,
    ...clusterChartSettings,
    kubeconfig: kubeconfigSource.optional().meta({
      description:
        "The kubeconfig that reaches it: its text, a secret; or `{stack, output}`, an output of another Pulumi stack; or `in-cluster`, " +
        "for the cluster whose pod runs Pulumi",
      fallback: "the engineer's own",
      secret: true,
    }),
    context: contextName.optional().meta({
      description: "Context of the kubeconfig; without `kubeconfig` it is needed",
      fallback: "the kubeconfig's current one",
    }),
    apiServer: apiServerUrl.optional().meta({
      description: "URL of its API server as pods of the other clusters reach it (community distribution)",
      fallback: "the kubeconfig's",
    }),
  })
  .meta({ title: "existing clusters" });

/** A cluster as a stack's settings give it. */
export const cluster = z.discriminatedUnion("provisioner", [kindCluster, kwokCluster, existingCluster], {
  // Without a known provisioner, what is wrong with the rest is found all the same.
  unionFallback: true,
});

const aCluster = "list at least one cluster, such as {name: cluster-1, provisioner: kind}";

/** The clusters of a stack. */
export const clusters = z.array(cluster, { error: aCluster });

/** A stack has clusters, unless it only keeps the root for the clusters of others. */
export function checkSomeCluster({ valid }: PartialConfig, report: Report): void {
  const { clusters, root } = valid;
  const issues =
    root !== undefined && ("generate" in root ? root.generate.issueFor : "issueFor" in root ? root.issueFor : []);
  if (clusters?.length === 0 && root !== undefined && (!issues || issues.length === 0)) {
    report({
      path: ["clusters"],
      problem: "has 0 entries",
      remedy: `${aCluster}; only a stack that keeps the root for others (issueFor in its root) needs none`,
    });
  }
}

/** What follows the name of a created cluster with `uniqueNames`: a dash and six hexadecimal digits. */
const suffixLength = 7;

const remoteGateway = nameIn("istio-remote-peer-", "");
/** How many characters the name of any cluster can have: peers know it by a Gateway that is named after it. */
export const longestClusterName = remoteGateway.length;

/** Names of clusters are unique, and short enough for what is named after them. */
export function checkNames({ clusters, valid }: PartialConfig, report: Report): void {
  const first = new Map<string, number>();
  clusters.forEach((cluster, index) => {
    const { name } = cluster;
    if (name === undefined) {
      return;
    }
    const path = ["clusters", index, "name"];
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, index);
    } else {
      report({
        path,
        value: name,
        problem: `is the name of clusters[${String(other)}] too`,
        remedy: "give every cluster a name of its own",
      });
    }
    if (name in Object.prototype) {
      report({
        path,
        value: name,
        problem: "is reserved: every JavaScript object has a property of that name, so outputs can't have it as a key",
        remedy: "give the cluster another name",
      });
    }
    const limit = nameLimit(cluster, valid.uniqueNames ?? false);
    if (name.length > limit.length) {
      report({
        path,
        value: name,
        problem: `has ${String(name.length)} characters, too many for ${limit.because}`,
        remedy: `use ${String(limit.length)} characters at most`,
      });
    }
  });
}

/** A hostname, the value of a label, and so the name of a Gateway have 63 characters at most. */
function nameLimit(cluster: PartialCluster, unique: boolean): { readonly length: number; readonly because: string } {
  const limits = [remoteGateway];
  if (cluster.provisioner === "kind" || cluster.provisioner === "kwok") {
    const suffix = unique ? suffixLength : 0;
    limits.push(nameIn("", numbered("-control-plane", cluster.controlPlanes), suffix));
    limits.push(nameIn("", numbered("-worker", cluster.workers), suffix));
    if ((cluster.controlPlanes ?? 1) > 1) {
      limits.push(nameIn("", "-external-load-balancer", suffix));
    }
  }
  return limits.reduce((shortest, limit) => (limit.length < shortest.length ? limit : shortest));
}

function nameIn(before: string, after: string, suffix = 0) {
  return {
    length: 63 - before.length - after.length - suffix,
    because: `the name ${before}<name>${suffix > 0 ? "-<suffix>" : ""}${after}, which has 63 at most`,
  };
}

/** kind numbers the nodes of a role from the second on. */
function numbered(role: string, count = 1): string {
  return count > 1 ? `${role}${String(count)}` : role;
}

/** Settings that only kind clusters have a use for: their load balancer, and images for their nodes. */
export function checkKindSettings({ clusters, valid }: PartialConfig, report: Report): void {
  if (clusters.length === 0 && valid.clusters === undefined) {
    return;
  }
  if (clusters.some(({ provisioner }) => provisioner === undefined || provisioner === "kind")) {
    return;
  }
  const { loadBalancer, preloadImages = [] } = valid;
  const problem = "is for kind clusters, and the stack has none";
  if (loadBalancer !== undefined && loadBalancer !== "none") {
    const path = typeof loadBalancer === "string" ? ["loadBalancer"] : ["loadBalancer", "image"];
    const value = typeof loadBalancer === "string" ? loadBalancer : loadBalancer.image;
    report({ path, value, problem, remedy: "write loadBalancer: none, or leave it out" });
  }
  if (preloadImages.length > 0) {
    report({ path: ["preloadImages"], problem, remedy: "leave it out" });
  }
}
