/** An object, as its API server has it or is to have it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** Such as `Deployment istio-system/istiod`. */
export function titleOf({ kind, metadata: { name, namespace } }: KubernetesObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Names an object. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for kinds that are in no namespace. */
  readonly namespace?: string;
}

/** One step of putting back what is no longer as the stack has made it. */
export type RepairAction =
  /** Server-side apply, forced, by this field manager: creates the object if it is missing. */
  | { readonly kind: "apply"; readonly object: KubernetesObject; readonly fieldManager: string }
  /** A merge patch, for fields that the manifest leaves to a controller, such as the replicas of a Deployment with an autoscaler. */
  | { readonly kind: "patch"; readonly object: ObjectReference; readonly patch: object }
  /**
   * For a Helm release without a record that an upgrade could begin with: writes an empty one. The upgrade then takes over what is
   * left of the release's objects, and creates the others; nothing is uninstalled.
   */
  | { readonly kind: "record"; readonly release: { readonly name: string; readonly namespace: string } };
