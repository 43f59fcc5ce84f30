import type { ClusterSettings, Settings } from "../settings";
import type { OtherPods } from "./masquerade";
import type { Labels } from "./selectors";
import { defaultWorkloads, plainWorkload, type Workload } from "./workloads";

/** What is to be installed in a cluster, as far as it meets with what the cluster has. */
export interface InstallPlan {
  readonly namespaces: readonly PlannedNamespace[];
  /** What runs in istio-system. */
  readonly workloads: readonly Workload[];
  /** The platform of the settings; absent where they have none. */
  readonly platform?: string | undefined;
  /** CIDRs by the settings; absent where they don't say. */
  readonly podSubnet?: string | undefined;
  readonly serviceSubnet?: string | undefined;
  /** Pods of the other clusters, as far as their subnets are known. */
  readonly others: readonly OtherPods[];
  /** Whether there are settings: a cluster that is known by its kubeconfig alone can't contradict any. */
  readonly hasSettings: boolean;
}

/** A namespace that the install puts something into. */
export interface PlannedNamespace {
  readonly name: string;
  readonly role: "system" | "eastWest" | "demo";
  /** The labels that the install gives it. */
  readonly labels: Labels;
  /** What of its pods is known, where that is more than that they have no special rights. */
  readonly pod?: Workload | undefined;
}

type PlannedSettings = Pick<ClusterSettings, "platform" | "podSubnet" | "serviceSubnet" | "eastWestGateway">;

/**
 * What a stack installs in a cluster.
 *
 * @param workloads The mesh's, with what the settings give those of this cluster (chart-values/ knows it).
 */
export function installPlan(
  { network, distribution, demo }: Pick<Settings, "network" | "distribution" | "demo">,
  { platform, podSubnet, serviceSubnet, eastWestGateway }: Partial<PlannedSettings>,
  workloads: readonly Workload[],
  others: readonly OtherPods[] = [],
): InstallPlan {
  return {
    namespaces: [
      { name: "istio-system", role: "system", labels: { "topology.istio.io/network": network } },
      ...(distribution === "solo"
        ? [{ name: "istio-eastwest", role: "eastWest", labels: {}, pod: gatewayOf(eastWestGateway) } as const]
        : []),
      ...(demo ? [{ name: "demo", role: "demo", labels: { "istio.io/dataplane-mode": "ambient" } } as const] : []),
    ],
    workloads,
    platform,
    podSubnet,
    serviceSubnet,
    others,
    hasSettings: true,
  };
}

/** Of a mesh without settings. */
export const planWithoutSettings: InstallPlan = {
  namespaces: [{ name: "istio-system", role: "system", labels: {} }],
  workloads: defaultWorkloads,
  others: [],
  hasSettings: false,
};

type Resources = Readonly<Partial<Record<"requests" | "limits", Readonly<Record<string, string | number>>>>>;

/** A pod of the east-west Gateway. */
function gatewayOf(settings: ClusterSettings["eastWestGateway"] = {}): Workload {
  const { requests = {}, limits = {} } = (settings.resources ?? {}) as Resources;
  const texts = (amounts: object) =>
    Object.fromEntries(Object.entries(amounts).map(([resource, amount]) => [resource, String(amount)]));
  const setting = "eastWestGateway.priorityClassName";
  return {
    ...plainWorkload,
    requests: { ...plainWorkload.requests, ...texts(requests) },
    limits: texts(limits),
    ...(settings.priorityClassName !== undefined && {
      priorityClassName: settings.priorityClassName,
      settings: { resources: "eastWestGateway.resources", priorityClassName: setting },
    }),
  };
}
