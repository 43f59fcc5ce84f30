import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Access, apiServer, engineersAccess, ownAccess } from "../../kubernetes";
import { type InterruptedCluster, takeOver } from "./interrupted";
import { objectFailures } from "./object-failures";
import { withRepairs } from "./repair-hooks";
import type { Repairs } from "./repairs";

/** Arguments that the components of all clusters have. */
export interface ClusterArgs {
  /** Its name in the mesh: unique in the environment, a DNS label. */
  readonly clusterName: string;
  /** CIDR of its pods' addresses; absent if not known. */
  readonly podSubnet?: string;
  /** CIDR of its Services' addresses; absent if not known. */
  readonly serviceSubnet?: string;
  /** The platform that Istio's charts have a profile for, such as `openshift`; absent for plain Kubernetes. */
  readonly platform?: string;
  /** Region that peers see it in (`topology.kubernetes.io/region`). */
  readonly region?: string;
  /** Zone that peers see it in (`topology.kubernetes.io/zone`). */
  readonly zone?: string;
  /** How its east-west Gateway is reached if no load balancer gives it an address. */
  readonly nodePort?: NodePort;
  /** Whether its provider takes over objects that exist: see interrupted.ts. */
  readonly upsertExistingObjects?: true;
  /** Whether its provider updates ConfigMaps whose data change, where it would make them anew. */
  readonly enableConfigMapMutable?: true;
}

/** A port that every node of a cluster answers on. */
export interface NodePort {
  /** IP address or DNS name of the nodes. */
  readonly address: string;
  /** Port number, in the cluster's NodePort range. */
  readonly port: number;
}

/** The credentials that reach a cluster from the machine that runs Pulumi. */
export interface ClusterAccess {
  /** Kubeconfig, YAML, a secret; absent if whoever runs an update reaches it by a kubeconfig of their own, which no state has. */
  readonly kubeconfig?: pulumi.Input<string>;
  /** The kubeconfig's context. */
  readonly context: pulumi.Input<string>;
}

/** What the mesh, the peering and the demo need to know of a cluster, whichever component provides it. */
export interface Cluster {
  /** Its name in the mesh: unique in the environment, a DNS label. */
  readonly name: string;
  /**
   * What the Pulumi names of all resources inside the cluster begin with. For a cluster that the stack provisions it has the
   * cluster's identity, so that a rebuilt cluster appears in the plan as a new one.
   */
  readonly namePrefix: string;
  /** See {@link ClusterArgs}, as for the next five. */
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
  readonly platform?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly nodePort?: NodePort;
  /** The kubeconfig (YAML) that reaches it from the engineer's machine, as {@link ClusterAccess} has it. Always a secret. */
  readonly kubeconfig?: pulumi.Output<string>;
  /** The kubeconfig's context. */
  readonly context: pulumi.Output<string>;
  /** URL of its API server as pods of the other clusters reach it. */
  readonly peerApiServerUrl: pulumi.Output<string>;
  /** The name that the certificate there has to have, if not that of the URL. */
  readonly peerTlsServerName?: string;
  /** The provider that every resource inside the cluster is made with. */
  readonly provider: k8s.Provider;
  /** What it already contains that is not the stack's. */
  readonly preexisting: PreexistingObjects;
  /** The resource whose deletion deletes everything inside; absent for a cluster that the stack did not provision. */
  readonly clusterResource?: pulumi.Resource;
}

/** Objects that a mesh needs and that existed in a cluster before: they are used, never taken over or deleted. */
export interface PreexistingObjects {
  /** Names of namespaces. */
  readonly namespaces: readonly string[];
  /** Names of custom resource definitions. */
  readonly definitions: readonly string[];
}

/** A cluster that the stack provisions is empty. */
export const nothingPreexisting: PreexistingObjects = { namespaces: [], definitions: [] };

/** Arguments of a component that say which cluster it installs something in. */
export interface TargetClusterArgs {
  /** Name of the cluster in the mesh. */
  readonly clusterName: string;
  /** What the Pulumi names of all resources inside the cluster begin with: see {@link Cluster.namePrefix}. */
  readonly namePrefix: string;
  /** Whether the cluster existed before the stack, and may hold what is not the stack's. */
  readonly existingCluster: boolean;
  /** What it already contains that is not the stack's. */
  readonly preexisting: PreexistingObjects;
  /** How hooks and scripts reach it. Not recorded: a second copy of a secret in the state would change with every certificate. */
  readonly access: ClusterAccess;
}

/** The arguments for a component that installs something in `cluster`. */
export function targetCluster(cluster: Cluster): TargetClusterArgs {
  const { name, namePrefix, clusterResource, preexisting, kubeconfig, context } = cluster;
  return {
    clusterName: name,
    namePrefix,
    existingCluster: clusterResource === undefined,
    preexisting,
    access: { ...(kubeconfig !== undefined && { kubeconfig }), context },
  };
}

/** One for each cluster: the engine takes a hook's name once. */
const failureHooks = new WeakMap<Cluster, pulumi.ErrorHook>();

/** Only of clusters in which an interrupted update has, or once had, left something. */
const takeOverHooks = new WeakMap<Cluster, pulumi.ResourceHook>();

/** Has what an interrupted update has left in a cluster taken over by the resources that are declared {@link inside} it. */
export function noteInterrupted<Noted extends Cluster>(cluster: Noted, left: InterruptedCluster): Noted {
  if (left.upsert || left.made.size > 0) {
    takeOverHooks.set(cluster, takeOver(`${cluster.namePrefix}-interrupted`, left, accessOf(cluster)));
  }
  return cluster;
}

/** What is put back inside each cluster. Not recorded with it: it is of one run. */
const repairsIn = new WeakMap<Cluster, Repairs>();

/** Has whatever is {@link inside} a cluster put back where it has drifted. */
export function repairInside(cluster: Cluster, repairs: Repairs): void {
  repairsIn.set(cluster, repairs);
}

/**
 * Options of a component whose children live inside `cluster`: they use its provider, are not deleted one by one
 * when the cluster goes, say why they fail, and are put back where they have drifted. Children inherit all of it from the component.
 */
export function inside(cluster: Cluster, opts: pulumi.ComponentResourceOptions = {}): pulumi.ComponentResourceOptions {
  const hook = failureHooks.get(cluster) ?? failureHook(cluster);
  failureHooks.set(cluster, hook);
  return {
    ...opts,
    provider: cluster.provider,
    deletedWith: cluster.clusterResource,
    transformations: [
      ...(opts.transformations ?? []),
      withHooks(hook, takeOverHooks.get(cluster)),
      withRepairs({ clusterName: cluster.name, access: accessOf(cluster), repairs: repairsIn.get(cluster) ?? {} }),
    ],
  };
}

function failureHook(cluster: Cluster): pulumi.ErrorHook {
  const { name: clusterName, namePrefix } = cluster;
  return objectFailures(`${namePrefix}-object-failures`, { clusterName, access: accessOf(cluster) });
}

function accessOf({ name, kubeconfig, context }: Cluster): () => Promise<Access> {
  return hookAccess(name, { kubeconfig, context });
}

/**
 * Gives every Kubernetes object the hook for failures, but for those that have their own, such as Helm releases; and what is to be taken
 * over the other one.
 */
function withHooks(onError: pulumi.ErrorHook, takeOverHook?: pulumi.ResourceHook): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    const { hooks = {} } = opts as pulumi.CustomResourceOptions;
    if (!type.startsWith("kubernetes:")) {
      return undefined;
    }
    const beforeCreate = takeOverHook && [takeOverHook, ...(hooks.beforeCreate ?? [])];
    return { props, opts: { ...opts, hooks: { onError: [onError], ...hooks, ...(beforeCreate && { beforeCreate }) } } };
  };
}

/** What the providers of all clusters have in common. */
export const providerSettings = {
  // A Secret whose data changes is updated: replaced, it would be gone for a moment, and istiod's certificates with it.
  enableSecretMutable: true,
};

/** The URL of the API server, no longer marked as secret: it is not a credential, and peers and plans have to show it. */
export function apiServerUrl({ kubeconfig, context }: Required<ClusterAccess>): pulumi.Output<string> {
  return pulumi.unsecret(pulumi.all([kubeconfig, context]).apply(([text, name]) => apiServer(text, name)));
}

/**
 * Access to a cluster, for hooks: they run once its credentials are known.
 *
 * @returns Throws KubeconfigError if the kubeconfig can't be used.
 */
export function hookAccess(clusterName: string, { kubeconfig, context }: ClusterAccess): () => Promise<Access> {
  const known = new Promise<readonly [kubeconfig: string | undefined, context: string]>((resolve) => {
    pulumi.all([kubeconfig, context]).apply(resolve);
  });
  return async () => {
    const [text, name] = await known;
    return text === undefined
      ? engineersAccess(name, clusterName)
      : ownAccess(text, `the kubeconfig of cluster ${clusterName}`, name);
  };
}
