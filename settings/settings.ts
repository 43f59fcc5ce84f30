import type { z } from "zod";
import type { ChartSettings } from "./chart-settings";
import type { Path } from "./encrypted";
import type { LinkSetting } from "./links";
import type { ManifestsSetting } from "./manifests";
import type { existingCluster, kindCluster, kwokCluster, platforms } from "./clusters";
import type { StackInput } from "./schema";
import type { SubnetRequest } from "./subnets";

export type Distribution = StackInput["distribution"];
/** A platform that Istio's charts have a profile for. */
export type Platform = (typeof platforms)[number];

/** A cluster with both subnets: those that were left out have been planned. */
type Planned<Cluster> = Readonly<Omit<Cluster, "podSubnet" | "serviceSubnet">> & {
  /** IPv4 subnet of the pods, such as `10.10.0.0/16`; every node takes a /24 of it. */
  readonly podSubnet: string;
  /** IPv4 subnet of the services, such as `10.255.10.0/24`. */
  readonly serviceSubnet: string;
};

/** A cluster of containers that the stack creates with kind. */
export type KindClusterSettings = Planned<z.output<typeof kindCluster>>;
/** A control plane with hollow nodes that the stack creates with kwokctl. */
export type KwokClusterSettings = Planned<z.output<typeof kwokCluster>>;
/** A cluster that exists already. Subnets that were left out stay absent: those of an existing cluster can't be planned. */
export type ExistingClusterSettings = Readonly<z.output<typeof existingCluster>> & {
  /** What has the text of the kubeconfig, for messages, where preflight has read it from somewhere else than the settings. */
  readonly kubeconfigFrom?: string;
};
/** A cluster that the stack creates. */
export type MadeCluster = KindClusterSettings | KwokClusterSettings;
export type ClusterSettings = MadeCluster | ExistingClusterSettings;

/** How the stack issues a cluster's intermediate certificate. */
export interface IntermediateSettings {
  /** Kind of every key that the stack generates: P-256, or RSA of 4096 bits. */
  readonly algorithm: "ECDSA" | "RSA";
  readonly intermediateValidityDays: number;
  /** How many days before its end an intermediate is renewed; less than its validity. */
  readonly renewBeforeDays: number;
}

/** What a stack that has the root's key signs and trusts. */
export interface IssuingSettings extends IntermediateSettings {
  /** Names of clusters of other stacks that it signs intermediates for, beside its own. */
  readonly issueFor: readonly string[];
  /** Certificates (PEM) of roots whose keys it does not have, and that are trusted beside its own. */
  readonly alsoTrusted: readonly string[];
}

/** What goes with a root wherever it comes from. */
export interface EveryRootSettings {
  /** Whenever this differs from its last value, all workload certificates are reissued. */
  readonly reissue?: string;
  /** Name of the root that may sign, or be dropped, although a cluster can't be inspected. */
  readonly unverified?: string;
}

/** Where the root of trust comes from. */
export type RootSettings = EveryRootSettings & RootSource;

type RootSource =
  | (IssuingSettings & {
      readonly source: "generate";
      /** Names of the roots that the stack generates, and every cluster trusts: one or two. */
      readonly trusted: readonly string[];
      /** The one of them that signs. */
      readonly signing: string;
      readonly rootValidityDays: number;
      /** How many days before its end the root is renewed; less than its validity. */
      readonly rootRenewBeforeDays: number;
    })
  | {
      readonly source: "stack";
      /** Full name of the stack that has the root and signs the intermediates. */
      readonly stack: string;
    }
  | (IssuingSettings & {
      readonly source: "given";
      /** PEM. */
      readonly certificate: string;
      /** PEM, without passphrase. A secret. */
      readonly privateKey: string;
    })
  | {
      /** Someone else manages the Secret `cacerts` of every cluster. */
      readonly source: "existing";
    };

/** Username and password are both there, or neither is. */
export type ChartRegistrySettings = Readonly<NonNullable<StackInput["chartRegistry"]>>;
/** A Secret to pull images with. Its password is a secret. */
export type PullSecretSettings = Readonly<StackInput["imagePullSecrets"][number]>;

/** A stack's settings with every default and plan filled in. */
export interface Settings {
  readonly clusters: readonly ClusterSettings[];
  /** Clusters that the stack creates get a random suffix in their kind or kwok name. */
  readonly uniqueNames: boolean;
  /** Whether a plan looks for what is no longer as the stack has made it. */
  readonly detectDrift: boolean;
  /** IPv4 subnet that left-out subnets were taken from. */
  readonly addressPool: string;
  /** What each cluster asked the address plan for, in the clusters' order: which subnets were given. */
  readonly subnetRequests: readonly SubnetRequest[];
  /** Name of the network that all clusters share. */
  readonly network: string;
  readonly trustDomain: string;
  readonly distribution: Distribution;
  /** `1.28.5`, never with the suffix of a distribution or variant; Solo's patches are `1.28.5-patch0`. */
  readonly istioVersion: string;
  /** What the tags of images end in, `default` for none. */
  readonly variant: StackInput["variant"];
  /** Present for solo with clusters, never for community. The value is a secret. */
  readonly license?:
    | { readonly value: string }
    | { readonly secretRef: { readonly name: string; readonly namespace?: string | undefined } };
  /** `oci://…` without a slash at its end, or a folder as given. */
  readonly charts: string;
  /** Image hub, without scheme or a slash at its end. */
  readonly images: string;
  /** How the registry of charts is asked; absent for everybody's own login. */
  readonly chartRegistry?: ChartRegistrySettings | undefined;
  /** Digests of images by their names; of an image that has none, the tag counts. */
  readonly imageDigests?: StackInput["imageDigests"];
  /** Secrets to pull images with; those with a `registry`, the stack makes. */
  readonly imagePullSecrets: readonly PullSecretSettings[];
  /** As given: without `version`, preflight works out the release. `manifests`: path or https URL. */
  readonly gatewayApi: { readonly version?: string | undefined; readonly manifests?: string | undefined };
  /** As {@link planLinks} takes them. */
  readonly links: "mesh" | readonly LinkSetting[];
  readonly linkMethod: "gateways" | "chart";
  /** Age in days at which the tokens of the community distribution are renewed. */
  readonly remoteAccess: { readonly renewAfterDays: number };
  /** Full names of the stacks whose clusters are peers too. */
  readonly peerStacks: readonly string[];
  /** A missing peer is an error. */
  readonly requirePeers: boolean;
  readonly root: RootSettings;
  /** cloud-provider-kind, of its own release unless an image is given. */
  readonly loadBalancer: "none" | { readonly image?: string };
  /** Whether load balancers that an earlier version has made stay all the same: the setting is left out. */
  readonly keepsLoadBalancers: boolean;
  /** Images by tag. */
  readonly preloadImages: readonly string[];
  /** The engineer's own kubeconfig gets a context for every cluster that the stack creates. */
  readonly contexts: boolean;
  /** What is applied after the mesh. */
  readonly manifests: readonly ManifestsSetting[];
  readonly demo: false | { readonly sidecars: boolean };
  /** Settings of the charts that all clusters share; a cluster's own are among its settings. */
  readonly chartSettings: ChartSettings;
  /** What of the settings is encrypted in the stack's configuration, by the keys that lead to it: `["values", "istiod"]`. */
  readonly secretPaths: readonly Path[];
}
