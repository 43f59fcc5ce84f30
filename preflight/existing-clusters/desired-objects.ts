import type { ClusterSettings, Settings } from "../../settings/index";
import { namespaceEnd } from "../../components/clusters/index";
import { demoNamespace, demoObjects } from "../../components/demo/index";
import { systemNamespace } from "../../components/mesh/index";
import { eastWest, peeringObjects } from "../../components/peering/index";
import { resourceKey } from "../../stacks/engine";
import type { ObjectReference } from "./types";
import type { Wanted } from "./inventory";

/** An object that the stack makes, with the name of its resource behind the cluster's scope. */
export interface Planned extends ObjectReference {
  readonly resource: string;
  /** The Helm release that may have made it instead. */
  readonly release?: string;
}

/** The namespaces that a stack needs, with the labels that it needs on them. */
export function plannedNamespaces({ network, distribution, demo }: Settings): ReadonlyMap<string, Labels> {
  return new Map<string, Labels>([
    [systemNamespace, { "topology.istio.io/network": network }],
    ...(distribution === "solo" ? [[eastWest, {}] as const] : []),
    ...(demo ? [[demoNamespace, { "istio.io/dataplane-mode": "ambient" }] as const] : []),
  ]);
}

export type Labels = Readonly<Record<string, string>>;

/** The objects that a stack makes in a cluster whose names somebody else may have given as well. */
export function plannedObjects(settings: Settings, cluster: ClusterSettings): readonly Planned[] {
  const { root, demo } = settings;
  const secret = { apiVersion: "v1", kind: "Secret", namespace: systemNamespace };
  return [
    ...(root.source === "existing" ? [] : [{ ...secret, name: "cacerts", resource: "cacerts" }]),
    ...peeringObjects(settings, cluster),
    ...(demo ? demoObjects(demo).map((object) => ({ ...object, resource: object.name })) : []),
  ];
}

/** What has to be known of a cluster before the stack puts anything into it. */
export function wantedOf(settings: Settings, cluster: ClusterSettings): Wanted {
  return {
    namespaces: [...plannedNamespaces(settings).keys()],
    objects: plannedObjects(settings, cluster),
    cacerts: settings.root.source === "existing",
  };
}

/** Whether the stack's state has a resource in a cluster, from a type without its package: `core/v1:Namespace`. */
export function holds(state: ReadonlySet<string>, type: string, scope: string, resource: string): boolean {
  return state.has(resourceKey(`kubernetes:${type}`, `${scope}-${resource}`));
}

/** Whether a namespace is the stack's: a destroy that has stopped half-way may have left its end alone. */
export function holdsNamespace(state: ReadonlySet<string>, scope: string, name: string): boolean {
  const { type, suffix } = namespaceEnd;
  return holds(state, "core/v1:Namespace", scope, name) || state.has(resourceKey(type, `${scope}-${name}${suffix}`));
}
