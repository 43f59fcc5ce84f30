import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Access, apiServer, ownAccess } from "../../kubernetes";

/** What the component of a cluster is told of it, whoever provides the cluster. */
export interface ClusterArgs {
  /** Its name in the mesh: unique in the environment, a DNS label. */
  readonly clusterName: string;
  /** CIDR that its pods' addresses are of; absent where it is not known. */
  readonly podSubnet?: string;
  /** CIDR that its Services' addresses are of; absent where it is not known. */
  readonly serviceSubnet?: string;
  /** The platform that Istio's charts have a profile for, such as `openshift`; absent for plain Kubernetes. */
  readonly platform?: string;
  /** Region that peers see it in (`topology.kubernetes.io/region`). */
  readonly region?: string;
  /** Zone that peers see it in (`topology.kubernetes.io/zone`). */
  readonly zone?: string;
  /** How its east-west Gateway is reached where no load balancer gives it an address. */
  readonly nodePort?: NodePort;
}

/** A port that every node of a cluster answers on. */
export interface NodePort {
  /** IP address or DNS name of the nodes. */
  readonly address: string;
  /** Number of the port, of the range that the cluster has for NodePorts. */
  readonly port: number;
}

/** The credentials that reach a cluster from the machine that runs Pulumi. */
export interface ClusterAccess {
  /** Kubeconfig, YAML. A secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** The kubeconfig's context. */
  readonly context: pulumi.Input<string>;
}

/** The common face of the components of clusters: what the mesh, the peering and the demo need to know of one. */
export interface Cluster {
  /** Its name in the mesh: unique in the environment, a DNS label. */
  readonly name: string;
  /**
   * What every resource inside the cluster puts before its own Pulumi name. For a cluster that the stack provisions it
   * carries the cluster's identity, so that a rebuilt cluster is a new one beside the old one in the plan.
   */
  readonly namePrefix: string;
  /** See {@link ClusterArgs}, as for the next five. */
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
  readonly platform?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly nodePort?: NodePort;
  /** The kubeconfig (YAML) that reaches it from the engineer's machine. Always a secret: it holds credentials. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The kubeconfig's context. */
  readonly context: pulumi.Output<string>;
  /** URL of its API server as pods of the other clusters reach it. */
  readonly peerApiServerUrl: pulumi.Output<string>;
  /** The provider that every resource inside the cluster is made with. */
  readonly provider: k8s.Provider;
  /** What it already contains that is not the stack's. */
  readonly preexisting: PreexistingObjects;
  /** The resource whose deletion takes everything inside along; absent for a cluster that the stack has not provisioned. */
  readonly clusterResource?: pulumi.Resource;
}

/** Objects that a mesh needs and that somebody else has put into a cluster: they are used, never taken over or deleted. */
export interface PreexistingObjects {
  /** Names of namespaces. */
  readonly namespaces: readonly string[];
  /** Names of custom resource definitions. */
  readonly definitions: readonly string[];
}

/** A cluster that the stack provisions is empty. */
export const nothingPreexisting: PreexistingObjects = { namespaces: [], definitions: [] };

/** What a component is told of the cluster that it puts something into. */
export interface TargetClusterArgs {
  /** Name of the cluster in the mesh. */
  readonly clusterName: string;
  /** What the Pulumi names of all resources inside the cluster begin with: see {@link Cluster.namePrefix}. */
  readonly namePrefix: string;
  /** Whether the cluster existed before the stack, and may hold what belongs to somebody else. */
  readonly existingCluster: boolean;
  /** What it already contains that is not the stack's. */
  readonly preexisting: PreexistingObjects;
  /** How hooks and scripts reach it. Not recorded: a second copy of a secret in the state would change with every certificate. */
  readonly access: ClusterAccess;
}

/** What a component that puts something into `cluster` is told of it. */
export function targetCluster(cluster: Cluster): TargetClusterArgs {
  const { name, namePrefix, clusterResource, preexisting, kubeconfig, context } = cluster;
  return {
    clusterName: name,
    namePrefix,
    existingCluster: clusterResource === undefined,
    preexisting,
    access: { kubeconfig, context },
  };
}

/**
 * Options of a component whose children live inside `cluster`: they use its provider, and are not deleted one by one
 * when the cluster goes. Children inherit both from the component.
 */
export function inside(
  { provider, clusterResource }: Cluster,
  opts: pulumi.ComponentResourceOptions = {},
): pulumi.ComponentResourceOptions {
  return { ...opts, provider, deletedWith: clusterResource };
}

/** What the providers of all clusters have in common. */
export const providerSettings = {
  // A Secret whose data changes is updated: replaced, it would be gone for a moment, and istiod's certificates with it.
  enableSecretMutable: true,
};

/** The URL of the API server, no secret any more: it is no credential, and peers and plans have to show it. */
export function apiServerUrl({ kubeconfig, context }: ClusterAccess): pulumi.Output<string> {
  return pulumi.unsecret(pulumi.all([kubeconfig, context]).apply(([text, name]) => apiServer(text, name)));
}

/**
 * The way to a cluster, for hooks: they run once its credentials are known.
 *
 * @returns Throws KubeconfigError where the kubeconfig can't be used.
 */
export function hookAccess(clusterName: string, { kubeconfig, context }: ClusterAccess): () => Promise<Access> {
  const known = new Promise<readonly [kubeconfig: string, context: string]>((resolve) => {
    pulumi.all([kubeconfig, context]).apply(resolve);
  });
  return async () => {
    const [text, name] = await known;
    return ownAccess(text, `the kubeconfig of cluster ${clusterName}`, name);
  };
}
