import type { ClusterSettings, Settings } from "../settings";
import type { OtherPods } from "./masquerade";
import type { Labels } from "./selectors";

/** What is to be installed in a cluster, as far as it meets with what the cluster has. */
export interface InstallPlan {
  readonly namespaces: readonly PlannedNamespace[];
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
}

/** What a stack installs in a cluster. */
export function installPlan(
  { network, distribution, demo }: Pick<Settings, "network" | "distribution" | "demo">,
  { platform, podSubnet, serviceSubnet }: Partial<Pick<ClusterSettings, "platform" | "podSubnet" | "serviceSubnet">>,
  others: readonly OtherPods[] = [],
): InstallPlan {
  return {
    namespaces: [
      { name: "istio-system", role: "system", labels: { "topology.istio.io/network": network } },
      ...(distribution === "solo" ? [{ name: "istio-eastwest", role: "eastWest", labels: {} } as const] : []),
      ...(demo ? [{ name: "demo", role: "demo", labels: { "istio.io/dataplane-mode": "ambient" } } as const] : []),
    ],
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
  others: [],
  hasSettings: false,
};
