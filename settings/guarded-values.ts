/** The charts of a mesh that can be given values. */
export const chartNames = ["base", "istiod", "cni", "ztunnel", "peering"] as const;
export type ChartName = (typeof chartNames)[number];

/** The charts know these keys, too, from when Istio was one chart: what stands under them counts as if it stood at the top. */
export const formerKeys: Partial<Record<ChartName, string>> = { istiod: "pilot", cni: "cni" };

/** A value of a chart that the mesh stands on. */
export interface GuardedValue {
  /** Keys that lead to it, with dots in between; everything below it is guarded as well. */
  readonly key: string;
  /** Why it can't be given, as a clause. */
  readonly reason: string;
  /** What to do instead. */
  readonly remedy: string;
  /** Whether a value leaves what the mesh stands on as it is. */
  readonly allows?: (value: unknown) => boolean;
}

/** A value that follows from a setting. */
function bySetting(setting: string, reason: string, ...keys: readonly string[]): GuardedValue[] {
  return keys.map((key) => ({ key, reason, remedy: `remove it; the setting is ${setting}` }));
}

/** A value that has to be what it is. */
function fixed(reason: string, ...keys: readonly string[]): GuardedValue[] {
  return keys.map((key) => ({ key, reason, remedy: "remove it" }));
}

/** Namespaces whose pods the CNI must leave alone, or a node's network would wait for pods that wait for it. */
const excluded = ["istio-system", "kube-system"];

const everywhere: readonly GuardedValue[] = [
  ...fixed("the mesh is an ambient one", "profile", "global.profile"),
  ...bySetting("platform of a cluster", "preflight and network follow it as well", "platform", "global.platform"),
  ...fixed("everything of the mesh is in istio-system", "global.istioNamespace"),
  ...fixed("a release has to have all of its chart", "resourceScope", "global.resourceScope"),
  ...fixed("it is the charts' own", "_internal_defaults_do_not_set", "defaults"),
];

const images: readonly GuardedValue[] = [
  ...bySetting("images", "all images come from one hub", "hub", "global.hub"),
  ...bySetting("istioVersion", "images have the version of their charts", "tag", "global.tag"),
  ...bySetting("variant", "checks and preloaded images go by it", "variant", "global.variant"),
  ...bySetting("imageDigests", "checks and preloaded images go by the settings", "image"),
];

const oneRevision = fixed("ztunnel, gateways and the other releases look for istiod without a revision", "revision");

/** In the order in which they are looked through. */
export const guardedValues: Readonly<Record<ChartName, readonly GuardedValue[]>> = {
  base: [
    ...everywhere,
    ...fixed("the mesh needs all of Istio's definitions", "base.enableCRDTemplates", "base.enableIstioConfigCRDs"),
    ...fixed("the mesh needs all of Istio's definitions", "base.excludedCRDs"),
    ...fixed("istiod registers its own validation", "defaultRevision"),
    ...readerAccount(),
  ],
  istiod: [
    ...everywhere,
    ...images,
    ...bySetting("imageDigests", "checks and preloaded images go by the settings", "global.proxy.image"),
    ...oneRevision,
    ...bySetting("network", "all clusters share one network", "global.network"),
    ...fixed("there is one network, and nothing between its clusters", "global.meshNetworks"),
    ...bySetting("name of a cluster", "other clusters know this one by it", "global.multiCluster"),
    ...fixed("all clusters are of one mesh", "global.meshID"),
    ...bySetting("trustDomain", "certificates and links have it as well", "meshConfig.trustDomain"),
    ...fixed(
      "every cluster has an istiod of its own, which signs with the Secret cacerts",
      "istiodRemote",
      "global.externalIstiod",
      "global.remotePilotAddress",
      "global.configCluster",
      "global.caAddress",
      "global.pilotCertProvider",
      "env.EXTERNAL_ISTIOD",
      "env.EXTERNAL_CA",
      "env.USE_CACERTS_FOR_SELF_SIGNED_CA",
    ),
    ...fixed("istiod could not take a second root, and no root could be replaced", "env.ISTIO_MULTIROOT_MESH"),
    ...fixed("istiod would not notice a renewed certificate", "env.AUTO_RELOAD_PLUGIN_CERTS"),
    ...fixed(
      "istiod issues certificates to ztunnel in istio-system alone",
      "trustedZtunnelNamespace",
      "trustedZtunnelName",
      "env.CA_TRUSTED_NODE_ACCOUNTS",
    ),
    ...fixed("istiod serves ambient workloads", "env.PILOT_ENABLE_AMBIENT"),
    ...fixed(
      "names of services in other clusters are resolved by it",
      "env.PILOT_ENABLE_IP_AUTOALLOCATE",
      "meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE",
      "meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_AUTO_ALLOCATE",
    ),
    ...fixed(
      "links of the mesh need it",
      "env.PEERING_ENABLE_FLAT_NETWORKS",
      "env.DISABLE_LEGACY_MULTICLUSTER",
      "env.AMBIENT_ENABLE_MULTI_NETWORK",
      "env.ENABLE_PEERING_DISCOVERY",
      "env.K8S_SELECT_WORKLOAD_ENTRIES",
      "platforms.peering",
    ),
    ...bySetting("name of a cluster", "other clusters know this one by it", "env.CLUSTER_ID"),
    ...bySetting("license or licenseSecretRef", "it is a secret of the stack", "license"),
    ...fixed("pods are taken into the mesh by the CNI", "pilot.cni", "cni.enabled", "cni.namespace"),
    ...fixed("istiod reads its configuration from it", "configMap"),
    ...readerAccount(),
  ],
  cni: [
    ...everywhere,
    ...images,
    ...oneRevision,
    ...fixed("pods are taken into the mesh by it", "ambient.enabled"),
    ...fixed("names of services in other clusters are resolved by it", "ambient.dnsCapture"),
    {
      key: "excludeNamespaces",
      reason: "nodes need the pods of istio-system and kube-system before they have a network",
      remedy: `write a list with ${excluded.join(", ")} and the further namespaces`,
      allows: (value) => Array.isArray(value) && excluded.every((namespace) => value.includes(namespace)),
    },
  ],
  ztunnel: [
    ...everywhere,
    ...images,
    ...oneRevision,
    ...fixed("everything of the mesh is in istio-system", "istioNamespace", "namespace"),
    ...fixed("istiod issues certificates to a service account of this name", "resourceName"),
    ...bySetting("network", "all clusters share one network", "network", "env.NETWORK"),
    ...bySetting(
      "name of a cluster",
      "other clusters know this one by it",
      "multiCluster",
      "env.ISTIO_META_CLUSTER_ID",
      "env.CLUSTER_ID",
    ),
    ...fixed(
      "ztunnel has its certificates and services from the cluster's istiod",
      "caAddress",
      "xdsAddress",
      "env.CA_ADDRESS",
      "env.XDS_ADDRESS",
      "env.FAKE_CA",
    ),
    ...fixed("the mesh has no data plane without it", "enabled"),
    ...fixed("links of the mesh need it", "env.L7_ENABLED", "platforms.peering"),
    ...bySetting("reissue in root", "it has certificates reissued", "podAnnotations.flatmesh/reissue"),
  ],
  peering: [
    ...bySetting("eastWestGateway", "the stack declares the east-west Gateway itself", "eastwest"),
    ...bySetting("links, peerStacks and nodePort", "the links follow from it", "remote"),
  ],
};

function readerAccount(): GuardedValue[] {
  return fixed("each cluster that reads this one has an account of its own", "global.enableReaderRBAC");
}
