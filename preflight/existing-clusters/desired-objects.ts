import type { ClusterSettings, Settings } from "../../settings";
import { demoNamespace, demoObjects } from "../../components/demo";
import { namespaceCleanupResource, systemNamespace } from "../../components/mesh";
import { eastWest, peeringObjects } from "../../components/peering";
import { pullSecretResource } from "../../components/pull-secrets";
import { resourceKey, type StackState } from "../../stacks";
import type { ObjectReference } from "./types";
import type { InventoryRequest } from "./inventory";

/** An object that the stack creates, with its resource's name after the cluster's name prefix. */
export interface DesiredObject extends ObjectReference {
  readonly resource: string;
  /** The Helm release that may have created it instead. */
  readonly release?: string;
}

/** The namespaces that a stack needs, with their labels. */
export function desiredNamespaces({ network, distribution, demo }: Settings): ReadonlyMap<string, Labels> {
  return new Map<string, Labels>([
    [systemNamespace, { "topology.istio.io/network": network }],
    ...(distribution === "solo" ? [[eastWest, {}] as const] : []),
    ...(demo ? [[demoNamespace, { "istio.io/dataplane-mode": "ambient" }] as const] : []),
  ]);
}

export type Labels = Readonly<Record<string, string>>;

/** The objects that a stack creates in a cluster under names that may already be taken. */
export function desiredObjects(settings: Settings, cluster: ClusterSettings): readonly DesiredObject[] {
  const { root, demo, imagePullSecrets } = settings;
  const made = imagePullSecrets.filter(({ registry }) => registry !== undefined);
  const secret = { apiVersion: "v1", kind: "Secret", namespace: systemNamespace };
  return [
    ...(root.source === "existing" ? [] : [{ ...secret, name: "cacerts", resource: "cacerts" }]),
    ...pullSecretsIn(settings, made).map((object) => ({
      ...object,
      resource: pullSecretResource(object.namespace, object.name),
    })),
    ...peeringObjects(settings, cluster),
    ...(demo ? demoObjects(demo).map((object) => ({ ...object, resource: object.name })) : []),
  ];
}

/** The Secrets that a stack pulls images with, and that others make. */
function awaitedSecrets(settings: Settings): ObjectReference[] {
  const found = settings.imagePullSecrets.filter(({ registry }) => registry === undefined);
  return pullSecretsIn(settings, found);
}

/** Secrets of those names in every namespace of the stack. */
function pullSecretsIn(settings: Settings, secrets: Settings["imagePullSecrets"]) {
  return [...desiredNamespaces(settings).keys()].flatMap((namespace) =>
    secrets.map(({ name }) => ({ apiVersion: "v1", kind: "Secret", namespace, name })),
  );
}

/** What to read of a cluster before the stack creates anything in it. */
export function desiredFor(settings: Settings, cluster: ClusterSettings): InventoryRequest {
  return {
    namespaces: [...desiredNamespaces(settings).keys()],
    objects: desiredObjects(settings, cluster),
    awaited: awaitedSecrets(settings),
    cacerts: settings.root.source === "existing",
  };
}

/** Whether the stack's state has a resource in a cluster. The type is without its package: `core/v1:Namespace`. */
export function ownsResource(state: StackState, type: string, namePrefix: string, resource: string): boolean {
  return state.has(resourceKey(`kubernetes:${type}`, `${namePrefix}-${resource}`));
}

/** Whether a namespace is the stack's: a destroy that stopped half-way may have left only its cleanup. */
export function ownsNamespace(state: StackState, namePrefix: string, name: string): boolean {
  const { type, suffix } = namespaceCleanupResource;
  return (
    ownsResource(state, "core/v1:Namespace", namePrefix, name) ||
    state.has(resourceKey(type, `${namePrefix}-${name}${suffix}`))
  );
}
