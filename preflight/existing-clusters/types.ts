/** A reference to an object in a cluster. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
}

/** A namespace that exists. */
export interface ExistingNamespace {
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it is being deleted. */
  readonly terminating: boolean;
}

/** A custom resource definition that exists. */
export interface ExistingDefinition {
  /** Whether the API server serves its version v1. */
  readonly servesV1: boolean;
  /** Its release of the Gateway API, such as `v1.4.0`; absent if not annotated. */
  readonly bundle?: string;
  /** Its channel of the Gateway API, such as `experimental`; absent if not annotated. */
  readonly channel?: string;
  /** Who keeps it, and how to have it upgraded; absent if nothing says so. */
  readonly manager?: DefinitionManager;
  /** The Helm release that owns it, as `<namespace>/<name>`; absent if none does. */
  readonly release?: string;
}

/** Who keeps a definition in a cluster. */
export interface DefinitionManager {
  /** Such as `Argo CD`. */
  readonly name: string;
  /** How a newer release gets there: the end of a sentence. */
  readonly upgrade: string;
}

/** An admission policy that is in force and denies changes of the Gateway API's definitions. */
export interface DefinitionGuard {
  readonly policy: string;
  /** The first release that it admits; absent if it admits none of this user's. */
  readonly admits?: string;
}

/** What a cluster has of a mesh, and of what a mesh needs. */
export interface Inventory {
  /** By name: the requested ones. */
  readonly namespaces: ReadonlyMap<string, ExistingNamespace>;
  /** By name: those of the Gateway API, and Istio's. */
  readonly definitions: ReadonlyMap<string, ExistingDefinition>;
  readonly guards: readonly DefinitionGuard[];
  /** Helm releases that are not pending, as `<namespace>/<name>`. */
  readonly releases: ReadonlySet<string>;
  /** Deployments of istiod, as `<namespace>/<name>`. */
  readonly istiods: ReadonlySet<string>;
  /** Those of the requested objects that exist. */
  readonly objects: readonly ObjectReference[];
  /** Those of the awaited objects that don't exist; absent for none. */
  readonly lacks?: readonly ObjectReference[];
  /** Objects by which a control plane in it would read other clusters: peer Gateways and remote Secrets. */
  readonly links: readonly ObjectReference[];
  /** Uid of the namespace kube-system: it identifies the cluster, whatever its name. */
  readonly uid: string | undefined;
  /** The content of the Secret `istio-system/cacerts`, in the clear; absent if there is none, or it was not requested. */
  readonly cacerts?: Readonly<Record<string, string>>;
}
