import type { ManifestObject } from "./object";

/**
 * Kinds that others need in order to be ready, or to be taken at all: pods their accounts, configuration and classes, bindings their
 * roles, claims their volumes. The engine works on a few resources at a time, 4 for each processor: workloads that wait for
 * something after them could keep it from ever being made. What stands in none of the stages needs nothing of them.
 */
const stages: readonly (readonly string[])[] = [
  [
    "ClusterRole",
    "GatewayClass",
    "LimitRange",
    "PersistentVolume",
    "PriorityClass",
    "ResourceQuota",
    "Role",
    "RuntimeClass",
    "ServiceAccount",
    "StorageClass",
  ],
  // The token of an account is a Secret, which Kubernetes deletes where the account is missing.
  ["ClusterRoleBinding", "ConfigMap", "PersistentVolumeClaim", "RoleBinding", "Secret"],
  ["DaemonSet", "Deployment", "Gateway", "Job", "Pod", "ReplicaSet", "ReplicationController", "StatefulSet"],
];

/** Objects in the order in which they are declared: those of no stage first, then stage by stage. */
export function inOrder(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  return [...objects].sort((one, other) => stageOf(one.object) - stageOf(other.object));
}

/** Whether an object waits for another one of the same manifests: one of an earlier stage in its namespace, or in none. */
export function needs({ object }: ManifestObject, { object: other }: ManifestObject): boolean {
  const place = other.metadata.namespace;
  const earlier = stageOf(other);
  return earlier >= 0 && earlier < stageOf(object) && (place === undefined || place === object.metadata.namespace);
}

function stageOf({ kind }: ManifestObject["object"]): number {
  return stages.findIndex((kinds) => kinds.includes(kind));
}
