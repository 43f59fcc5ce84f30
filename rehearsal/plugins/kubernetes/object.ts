import { isObject } from "../protocol/values";
import type { Json, JsonObject, Props, Value } from "../protocol/values";

/** A Kubernetes object. */
export type KubeObject = JsonObject;

export interface Kind {
  /** Such as `v1` or `gateway.networking.k8s.io/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
}

export function field(object: JsonObject, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, key) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value[key] : undefined),
    object,
  );
}

/** The same, for properties that may hold secrets and unknowns. */
export function property(props: Props, ...path: readonly string[]): Value | undefined {
  return path.reduce<Value | undefined>((value, key) => (isObject(value) ? value[key] : undefined), props);
}

export function text(object: JsonObject, ...path: readonly string[]): string {
  const value = field(object, ...path);
  return typeof value === "string" ? value : "";
}

export function kindOf(object: JsonObject): Kind {
  return { apiVersion: text(object, "apiVersion"), kind: text(object, "kind") };
}

export function isKind(object: JsonObject, apiVersion: string, kind: string): boolean {
  return object.apiVersion === apiVersion && object.kind === kind;
}

export function nameOf(object: JsonObject): string {
  return text(object, "metadata", "name");
}

export function namespaceOf(object: JsonObject): string {
  return text(object, "metadata", "namespace");
}

export function annotation(object: JsonObject, key: string): string {
  return text(object, "metadata", "annotations", key);
}

/** The id that Pulumi's provider gives an object: `namespace/name`, or `name` where there are no namespaces. */
export function idOf(object: JsonObject): string {
  const namespace = namespaceOf(object);
  return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

export function parseId(id: string): { namespace: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}

/** The object with one more level set, the rest shared. */
export function withMetadata(object: KubeObject, changes: JsonObject): KubeObject {
  const metadata = field(object, "metadata");
  return { ...object, metadata: { ...(metadata as JsonObject | undefined), ...changes } };
}
