import type { Rule } from "../concern";
import type { Facts } from "../facts";
import { readOr } from "../reading";

/** A platform, with the setting that its clusters need, if any, and how it is recognised. */
interface PlatformMarks {
  readonly name: string;
  readonly setting?: string;
  readonly marks: (seen: Seen) => string | undefined;
}

interface Seen {
  readonly versions: readonly string[];
  /** Keys and values of the nodes' labels. */
  readonly labels: ReadonlySet<string>;
  readonly providerIds: readonly string[];
  readonly nodeNames: readonly string[];
  readonly apiGroups: readonly string[];
}

const version =
  (part: string) =>
  ({ versions }: Seen) => {
    const found = versions.find((one) => one.includes(part));
    return found && `version ${found}`;
  };
const label =
  (key: string) =>
  ({ labels }: Seen) =>
    labels.has(key) ? `node label ${key}` : undefined;
const provider =
  (scheme: string) =>
  ({ providerIds }: Seen) =>
    providerIds.some((id) => id.startsWith(scheme)) ? `node providerID ${scheme}…` : undefined;
const group =
  (name: string) =>
  ({ apiGroups }: Seen) =>
    apiGroups.includes(name) ? `API group ${name}` : undefined;
const any =
  (...marks: PlatformMarks["marks"][]): PlatformMarks["marks"] =>
  (seen) =>
    marks.map((mark) => mark(seen)).find((found) => found !== undefined);

/** Most specific first: k3d runs k3s, and OpenShift runs on every cloud. */
const platforms: readonly PlatformMarks[] = [
  {
    name: "OpenShift",
    setting: "openshift",
    marks: any(group("config.openshift.io"), group("route.openshift.io"), label("node.openshift.io/os_id")),
  },
  { name: "RKE2", marks: any(version("+rke2"), provider("rke2://")) },
  {
    name: "k3d",
    setting: "k3d",
    marks: ({ nodeNames, versions }) =>
      versions.some((one) => one.includes("+k3s")) &&
      nodeNames.some((name) => /^k3d-.+-(?:server|agent)-\d+$/.test(name))
        ? "nodes called k3d-…"
        : undefined,
  },
  {
    name: "k3s",
    setting: "k3s",
    marks: any(version("+k3s"), provider("k3s://"), label("node.kubernetes.io/instance-type=k3s")),
  },
  { name: "MicroK8s", setting: "microk8s", marks: label("microk8s.io/cluster") },
  {
    name: "minikube",
    setting: "minikube",
    marks: any(label("minikube.k8s.io/name"), label("minikube.k8s.io/version")),
  },
  { name: "GKE", setting: "gke", marks: any(version("-gke."), label("cloud.google.com/gke-nodepool")) },
  { name: "EKS", marks: any(version("-eks-"), label("eks.amazonaws.com/nodegroup")) },
  { name: "AKS", marks: any(label("kubernetes.azure.com/cluster"), label("kubernetes.azure.com/agentpool")) },
  { name: "kind", marks: provider("kind://") },
];

/** The platform that a cluster is by its marks, and the setting that it needs. */
export const platform: Rule = (facts, { platform: set, hasSettings }) => {
  const found = recognise(facts);
  if (found === undefined || !hasSettings || found.setting === set) {
    return [];
  }
  const { name, setting, mark } = found;
  const is = `it looks like ${name} (${mark})`;
  const [message, remedy] =
    setting === undefined
      ? [
          `${is}, and the settings have platform: ${set ?? ""}`,
          `Leave platform out of the cluster's settings: ${name} needs none.`,
        ]
      : [
          `${is}, and the settings have ${set === undefined ? "no platform" : `platform: ${set}`}; istio-cni would look for the nodes' CNI in other places`,
          `Set platform: ${setting} on the cluster (flatmesh:clusters[].platform).`,
        ];
  return [{ topic: "platform", severity: "warn", message, remedy }];
};

function recognise(facts: Facts): (PlatformMarks & { readonly mark: string }) | undefined {
  const { items: nodes } = readOr(facts.nodes, { items: [], count: 0 });
  const seen: Seen = {
    versions: [readOr(facts.version, ""), ...nodes.map(({ kubeletVersion }) => kubeletVersion)],
    labels: new Set(
      nodes.flatMap(({ labels }) => Object.entries(labels).flatMap(([key, value]) => [key, `${key}=${value}`])),
    ),
    providerIds: nodes.map(({ providerId }) => providerId),
    nodeNames: nodes.map(({ name }) => name),
    apiGroups: readOr(facts.apiGroups, []),
  };
  for (const one of platforms) {
    const mark = one.marks(seen);
    if (mark !== undefined) {
      return { ...one, mark };
    }
  }
  return undefined;
}
