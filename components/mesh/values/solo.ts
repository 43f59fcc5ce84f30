import * as pulumi from "@pulumi/pulumi";
import type { ChartValues, ValuesArgs } from "./values";

/**
 * Values for the Solo distribution, as its flat networking guide gives them. Where they differ from the guide, the reason
 * stands beside them, and test/unit/mesh/golden.test.ts lists it.
 */
export function soloValues(args: ValuesArgs): ChartValues {
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
        PILOT_ENABLE_IP_AUTOALLOCATE: "true",
        PEERING_ENABLE_FLAT_NETWORKS: "true",
        DISABLE_LEGACY_MULTICLUSTER: "true",
        // istiod takes a second root, and with it a rotation of the first, only if it has run with this from the start.
        ISTIO_MULTIROOT_MESH: "true",
      },
      global: { hub, multiCluster: { clusterName: cluster }, network, tag, ...onPlatform },
      meshConfig: {
        accessLogFile: "/dev/stdout",
        defaultConfig: {
          proxyMetadata: { ISTIO_META_DNS_AUTO_ALLOCATE: "true", ISTIO_META_DNS_CAPTURE: "true" },
        },
        // Said aloud, as the peer Gateways say it: two defaults would only agree by luck.
        trustDomain,
      },
      pilot: { cni: { namespace: "istio-system", enabled: true } },
      platforms: { peering: { enabled: true } },
      profile: "ambient",
      ...(args.license !== undefined && { license: licenseValues(args.license) }),
    },
    cni: {
      ambient: { dnsCapture: true },
      excludeNamespaces: ["istio-system", "kube-system"],
      global: { hub, tag, ...onPlatform },
      profile: "ambient",
    },
    ztunnel: {
      configValidation: true,
      enabled: true,
      env: { L7_ENABLED: "true" },
      ...(platform !== undefined && { global: onPlatform }),
      hub,
      istioNamespace: "istio-system",
      multiCluster: { clusterName: cluster },
      namespace: "istio-system",
      network,
      platforms: { peering: { enabled: true } },
      profile: "ambient",
      tag,
      terminationGracePeriodSeconds: 29,
      variant: "distroless",
    },
  };
}

function licenseValues(license: NonNullable<ValuesArgs["license"]>): object {
  return "value" in license ? { value: pulumi.secret(license.value) } : { secretRef: license.secretRef };
}
