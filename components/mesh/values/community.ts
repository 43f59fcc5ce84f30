import type { ChartValues, ValuesArgs } from "./values";

/**
 * Values for upstream Istio: the same mesh without a licence. Its istiod finds the other clusters by remote secrets instead
 * of peer Gateways, so everything of peering is left out.
 */
export function communityValues(args: ValuesArgs): ChartValues {
  const { cluster, hub, network, platform, tag, trustDomain } = args;
  const onPlatform = platform === undefined ? {} : { platform };
  return {
    base: {
      defaultRevision: "",
      profile: "ambient",
      ...(platform !== undefined && { global: onPlatform }),
    },
    istiod: {
      env: {
        AMBIENT_ENABLE_MULTI_NETWORK: "true",
        PILOT_ENABLE_IP_AUTOALLOCATE: "true",
        // istiod takes a second root, and with it a rotation of the first, only if it has run with this from the start.
        ISTIO_MULTIROOT_MESH: "true",
      },
      global: { hub, meshID: "flatmesh", multiCluster: { clusterName: cluster }, network, tag, ...onPlatform },
      meshConfig: {
        accessLogFile: "/dev/stdout",
        defaultConfig: {
          proxyMetadata: { ISTIO_META_DNS_AUTO_ALLOCATE: "true", ISTIO_META_DNS_CAPTURE: "true" },
        },
        trustDomain,
      },
      pilot: { cni: { namespace: "istio-system", enabled: true } },
      profile: "ambient",
    },
    cni: {
      ambient: { dnsCapture: true },
      excludeNamespaces: ["istio-system", "kube-system"],
      global: { hub, tag, ...onPlatform },
      profile: "ambient",
    },
    ztunnel: {
      ...(platform !== undefined && { global: onPlatform }),
      hub,
      istioNamespace: "istio-system",
      multiCluster: { clusterName: cluster },
      network,
      profile: "ambient",
      tag,
      terminationGracePeriodSeconds: 29,
      variant: "distroless",
    },
  };
}
