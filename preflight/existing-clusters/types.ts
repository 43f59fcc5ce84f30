/** An object in a cluster, named as Kubernetes does. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for what lies in no namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/** A namespace that is there. */
export interface ExistingNamespace {
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it is on its way out. */
  readonly terminating: boolean;
}

/** A custom resource definition that is there. */
export interface ExistingDefinition {
  /** Whether the API server serves its version v1 by now. */
  readonly servesV1: boolean;
  /** Release of the Gateway API that it is of, such as `v1.4.0`; absent where it does not say. */
  readonly bundle?: string;
  /** The Helm release that owns it, as `<namespace>/<name>`; absent where none does. */
  readonly release?: string;
}

/** What of a mesh, and of what it needs, stands in a cluster. */
export interface Inventory {
  /** By name: those that were asked for. */
  readonly namespaces: ReadonlyMap<string, ExistingNamespace>;
  /** By name: those that were asked for, and all of Istio's own. */
  readonly definitions: ReadonlyMap<string, ExistingDefinition>;
  /** Helm releases that are not pending, as `<namespace>/<name>`. */
  readonly releases: ReadonlySet<string>;
  /** Deployments of istiod, as `<namespace>/<name>`. */
  readonly istiods: ReadonlySet<string>;
  /** Those of the objects that were asked for. */
  readonly objects: readonly ObjectReference[];
  /** Objects by which a control plane in it would read other clusters: Gateways that stand for peers, and remote Secrets. */
  readonly links: readonly ObjectReference[];
  /** Uid of the namespace kube-system, by which a cluster is known whatever it is called. */
  readonly uid: string | undefined;
  /** What the Secret `istio-system/cacerts` holds, in the clear; absent where there is none, or nobody asked. */
  readonly cacerts?: Readonly<Record<string, string>>;
}
