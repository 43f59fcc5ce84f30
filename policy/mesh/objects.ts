import { at, kindOf, list, type Resource, text, type Value } from "../state";

/** `namespace/name`, or `name` of what is in none, as far as it is known. */
export function subject({ inputs, name }: Resource): string {
  const metadata = at(inputs, "metadata");
  const parts = [text(metadata, "namespace"), text(metadata, "name")].filter((part) => part !== undefined);
  return parts.length === 0 ? name : parts.join("/");
}

/** The namespace that something is in, or that a chart or an operator puts it into; undefined where none is said, or none yet. */
export function namespaceOf({ inputs }: Resource): Value | undefined {
  return at(inputs, "namespace") ?? at(inputs, "metadata", "namespace") ?? at(inputs, "spec", "namespace");
}

/** The label that has a network's name. */
export const networkLabel = "topology.istio.io/network";

export function label(resource: Resource, key: string): Value | undefined {
  return at(resource.inputs, "metadata", "labels", key);
}

export function annotation(resource: Resource, key: string): Value | undefined {
  return at(resource.inputs, "metadata", "annotations", key);
}

/** Whether it is a Namespace, or a patch of one. */
export function isNamespace(resource: Resource): boolean {
  const { group, kind } = kindOf(resource) ?? {};
  return group === "" && kind === "Namespace";
}

/** Whether it changes an object created elsewhere: what it leaves out may be set there. */
export function isPatch({ type }: Resource): boolean {
  return /^kubernetes:.*Patch$/.test(type);
}

/** Class of a Gateway of the Gateway API; undefined for anything else. */
export function gatewayClass(resource: Resource): string | undefined {
  const { group, kind } = kindOf(resource) ?? {};
  return group === "gateway.networking.k8s.io" && kind === "Gateway"
    ? text(resource.inputs, "spec", "gatewayClassName")
    : undefined;
}

/** Whether it is the Gateway through which others reach a cluster: Solo's class of it, or upstream's. */
export function isEastWest(resource: Resource): boolean {
  return gatewayClass(resource) === "istio-eastwest" || crossesNetworks(resource);
}

/** Upstream's east-west Gateway, which only a mesh of several networks has. */
export function crossesNetworks(resource: Resource): boolean {
  return gatewayClass(resource) === "istio-east-west";
}

/** Identifies a resource's cluster: all resources of a cluster have the same provider. */
export function clusterOf({ provider }: Resource): string {
  return provider?.urn ?? "";
}

/** A container of a pod, or of a template of pods. */
export interface Container {
  readonly name: string;
  /** Where it is, for messages. */
  readonly path: string;
  readonly value: Value;
  /** Whether it runs as long as the pod does. */
  readonly lasting: boolean;
}

const templates = [
  ["spec", "template", "spec"],
  ["spec", "jobTemplate", "spec", "template", "spec"],
] as const;

/** The containers of what makes pods; none of anything else. */
export function containers(resource: Resource): Container[] {
  const kind = kindOf(resource)?.kind;
  const paths = kind === undefined ? [] : kind === "Pod" ? [["spec"]] : templates;
  return paths.flatMap((path) =>
    ["containers", "initContainers"].flatMap((key) =>
      list(resource.inputs, ...path, key).map((value, index) => ({
        name: text(value, "name") ?? String(index),
        path: `${path.join(".")}.${key}[${String(index)}]`,
        value,
        // An init container that is always restarted is a sidecar.
        lasting: key === "containers" || text(value, "restartPolicy") === "Always",
      })),
    ),
  );
}
