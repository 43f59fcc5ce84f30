import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings } from "../../settings";

/** A Kubernetes cluster of the environment, whoever made it: what the mesh, the peering and the demo need to know of it. */
export interface Cluster {
  /** Its name in the mesh: unique in the environment, a DNS label. */
  readonly name: string;
  /**
   * What every resource inside the cluster puts before its own Pulumi name. For a cluster that the stack makes it
   * carries the cluster's identity, so that a rebuilt cluster is a new one beside the old one in the plan.
   */
  readonly scope: string;
  /** What the stack's settings say of it. */
  readonly settings: ClusterSettings;
  /** The kubeconfig (YAML) that reaches it from the engineer's machine. Always a secret: it holds credentials. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The kubeconfig's context. */
  readonly context: pulumi.Output<string>;
  /** URL of its API server as pods of the other clusters reach it. */
  readonly peerServer: pulumi.Output<string>;
  /** The provider that every resource inside the cluster is made with. */
  readonly provider: k8s.Provider;
  /** What stands in it that is not the stack's. */
  readonly preexisting: PreexistingObjects;
  /** The resource whose deletion takes everything inside along; absent for a cluster that the stack only found. */
  readonly madeBy?: pulumi.Resource;
}

/** Objects that a mesh needs and that somebody else has put into a cluster: they are used, never taken over or deleted. */
export interface PreexistingObjects {
  /** Names of namespaces. */
  readonly namespaces: readonly string[];
  /** Names of custom resource definitions. */
  readonly definitions: readonly string[];
}

/** A cluster that the stack makes is empty. */
export const nothingPreexisting: PreexistingObjects = { namespaces: [], definitions: [] };

/** What the providers of all clusters have in common. */
export const providerSettings = {
  // A Secret whose data changes is updated: replaced, it would be gone for a moment, and istiod's certificates with it.
  enableSecretMutable: true,
};

/**
 * Options of a component whose children live inside `cluster`: they use its provider, and are not deleted one by one
 * when the cluster goes. Children inherit both from the component.
 */
export function inside(
  cluster: Cluster,
  options: pulumi.ComponentResourceOptions = {},
): pulumi.ComponentResourceOptions {
  return {
    ...options,
    provider: cluster.provider,
    ...(cluster.madeBy && { deletedWith: cluster.madeBy }),
  };
}
