import * as pulumi from "@pulumi/pulumi";
import type { Distribution } from "../../settings";

/** What the values of Istio's charts are made of. */
export interface ValuesArgs {
  /** The mesh's name of the cluster. */
  readonly cluster: string;
  /** The platform that the charts have a profile for; absent for a plain cluster. */
  readonly platform?: string;
  readonly network: string;
  readonly trustDomain: string;
  /** Image hub. */
  readonly hub: string;
  /** Image tag, without variant. */
  readonly tag: string;
  /** What tags end in behind a dash, empty for nothing; absent for what the ambient profile has, which is `distroless`. */
  readonly variant?: string;
  /** Images by digest, whole: such an image is run instead of the one of hub, tag and variant. */
  readonly pinnedImages?: PinnedImages;
  /** Names of the Secrets that images are pulled with. */
  readonly imagePullSecrets?: readonly string[];
  /** Annotations of ztunnel's pods. */
  readonly ztunnelAnnotations?: Readonly<Record<string, string>>;
  /** Solo only: the licence, a secret. */
  readonly license?: pulumi.Input<string>;
  /** Solo only: the Secret that has the licence instead. */
  readonly licenseSecretRef?: LicenseSecretRef;
}

/** Istio's images: control plane, node agent, tunnel, and the proxy of sidecars, gateways and waypoints. */
export const imageNames = ["pilot", "install-cni", "ztunnel", "proxyv2"] as const;

/** Images by their names, as `hub/name:tag@digest`. */
export type PinnedImages = Readonly<Partial<Record<(typeof imageNames)[number], string>>>;

/** A Secret of a cluster that has Solo's licence. */
export interface LicenseSecretRef {
  readonly name: string;
  /** That of istiod where it is left out. */
  readonly namespace?: string | undefined;
}

/** Helm values: plain JSON, with secrets where they are. */
export type Values = Record<string, pulumi.Input<unknown>>;

/** The values of the four charts of a distribution. */
export interface ChartValues {
  readonly base: Values;
  readonly istiod: Values;
  readonly cni: Values;
  readonly ztunnel: Values;
}

/** The values of the charts, by distribution. */
export const chartValues: Record<Distribution, (args: ValuesArgs) => ChartValues> = {
  solo: soloValues,
  community: communityValues,
};

/**
 * Values for the Solo distribution, as its flat networking guide gives them. Where they differ from the guide, the reason
 * stands beside them, and test/unit/mesh/golden.test.ts lists it.
 */
function soloValues(args: ValuesArgs): ChartValues {
  return withCommonValues(args, {
    istiod: {
      env: { PEERING_ENABLE_FLAT_NETWORKS: "true", DISABLE_LEGACY_MULTICLUSTER: "true" },
      platforms: { peering: { enabled: true } },
      ...licenseValues(args),
    },
    ztunnel: {
      configValidation: true,
      enabled: true,
      env: { L7_ENABLED: "true" },
      namespace: "istio-system",
      platforms: { peering: { enabled: true } },
    },
  });
}

function licenseValues({ license, licenseSecretRef }: ValuesArgs): Values {
  if (license !== undefined) {
    return { license: { value: pulumi.secret(license) } };
  }
  return licenseSecretRef === undefined ? {} : { license: { secretRef: licenseSecretRef } };
}

/**
 * Values for upstream Istio: the same mesh without a licence. Its istiod finds the other clusters by remote secrets instead
 * of peer Gateways, so everything of peering is left out.
 */
function communityValues(args: ValuesArgs): ChartValues {
  return withCommonValues(args, {
    // Istio's own account for control planes that read this cluster, with more rights than the one of components/peering: the
    // charts know the value since 1.30, base makes the account, and istiod its rights.
    global: { enableReaderRBAC: false },
    istiod: {
      // There is only one network; still, istiod sends ztunnel other clusters' workloads only with this set.
      env: { AMBIENT_ENABLE_MULTI_NETWORK: "true" },
      global: { meshID: "flatmesh" },
    },
    ztunnel: {},
  });
}

/** What a distribution has in addition to what both have in common. */
interface Additions {
  /** The `global` values of base and istiod. */
  readonly global?: Values;
  readonly istiod: Values & { readonly env: Readonly<Record<string, string>>; readonly global?: Values };
  readonly ztunnel: Values;
}

/** The values that both distributions have, as Solo's flat networking guide gives them, plus the distribution's own. */
function withCommonValues(args: ValuesArgs, additions: Additions): ChartValues {
  const { cluster, hub, network, platform, tag, trustDomain, variant, pinnedImages = {}, imagePullSecrets = [] } = args;
  const onPlatform = platform === undefined ? {} : { platform };
  // istiod tells the proxies of gateways and sidecars which one to run.
  const ofVariant = variant === undefined ? {} : { variant };
  const pulledWith = imagePullSecrets.length > 0 ? { imagePullSecrets } : {};
  // An image with a slash stands for hub, tag and variant as well: the charts have no value for a digest.
  const pinned = (name: keyof PinnedImages) => (pinnedImages[name] === undefined ? {} : { image: pinnedImages[name] });
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
        ...ofVariant,
        ...onPlatform,
        ...pulledWith,
        ...(pinnedImages.proxyv2 !== undefined && { proxy: pinned("proxyv2"), proxy_init: pinned("proxyv2") }),
      },
      ...pinned("pilot"),
      meshConfig: {
        accessLogFile: "/dev/stdout",
        defaultConfig: {
          proxyMetadata: { ISTIO_META_DNS_AUTO_ALLOCATE: "true", ISTIO_META_DNS_CAPTURE: "true" },
        },
        // Explicit, as in the peer Gateways: two defaults would only agree by luck.
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
      global: { hub, tag, ...ofVariant, ...onPlatform, ...pulledWith },
      ...pinned("install-cni"),
      profile: "ambient",
    },
    ztunnel: {
      ...additions.ztunnel,
      ...(platform !== undefined && { global: onPlatform }),
      hub,
      ...pinned("ztunnel"),
      ...pulledWith,
      istioNamespace: "istio-system",
      multiCluster: { clusterName: cluster },
      network,
      ...(args.ztunnelAnnotations && { podAnnotations: args.ztunnelAnnotations }),
      profile: "ambient",
      tag,
      terminationGracePeriodSeconds: 29,
      variant: variant ?? "distroless",
    },
  };
}
