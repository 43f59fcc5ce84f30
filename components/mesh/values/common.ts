import type { ChartValues, Values, ValuesArgs } from "./values";

/** What a distribution has beside what both have in common. */
export interface Additions {
  /** What base and istiod have both to be told in their `global` values. */
  readonly global?: Values;
  readonly istiod: Values & { readonly env: Readonly<Record<string, string>>; readonly global?: Values };
  readonly ztunnel: Values;
}

/** The values that both distributions have, as Solo's flat networking guide gives them, with one's own added. */
export function withCommonValues(args: ValuesArgs, additions: Additions): ChartValues {
  const { cluster, hub, network, platform, tag, trustDomain } = args;
  const onPlatform = platform === undefined ? {} : { platform };
  const { env, global = {}, ...istiod } = additions.istiod;
  const forBase = { ...additions.global, ...onPlatform };
  return {
    base: {
      defaultRevision: "",
      profile: "ambient",
      ...(Object.keys(forBase).length > 0 && { global: forBase }),
    },
    istiod: {
      ...istiod,
      env: {
        ...env,
        PILOT_ENABLE_IP_AUTOALLOCATE: "true",
        // istiod takes a second root, and with it a rotation of the first, only if it has run with this from the start.
        ISTIO_MULTIROOT_MESH: "true",
      },
      global: {
        ...additions.global,
        ...global,
        hub,
        multiCluster: { clusterName: cluster },
        network,
        tag,
        ...onPlatform,
      },
      meshConfig: {
        accessLogFile: "/dev/stdout",
        defaultConfig: {
          proxyMetadata: { ISTIO_META_DNS_AUTO_ALLOCATE: "true", ISTIO_META_DNS_CAPTURE: "true" },
        },
        // Said aloud, as the peer Gateways say it: two defaults would only agree by luck.
        trustDomain,
      },
      pilot: { cni: { namespace: "istio-system", enabled: true } },
      profile: "ambient",
      // istiod issues ztunnel the workloads' certificates only if it trusts ztunnel's service account. Without a platform that
      // is the one in istiod's own namespace, but a platform's profile can name another: OpenShift's names kube-system.
      ...(platform !== undefined && { trustedZtunnelNamespace: "istio-system" }),
    },
    cni: {
      ambient: { dnsCapture: true },
      excludeNamespaces: ["istio-system", "kube-system"],
      global: { hub, tag, ...onPlatform },
      profile: "ambient",
    },
    ztunnel: {
      ...additions.ztunnel,
      ...(platform !== undefined && { global: onPlatform }),
      hub,
      istioNamespace: "istio-system",
      multiCluster: { clusterName: cluster },
      network,
      ...(args.ztunnelAnnotations && { podAnnotations: args.ztunnelAnnotations }),
      profile: "ambient",
      tag,
      terminationGracePeriodSeconds: 29,
      variant: "distroless",
    },
  };
}
