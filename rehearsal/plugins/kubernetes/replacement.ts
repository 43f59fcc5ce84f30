import { asText } from "../protocol/values";
import type { Path } from "../protocol/difference";
import type { Props } from "../protocol/values";
import type { Settings } from "./settings";

/**
 * What the API server never changes in place, or Pulumi's provider chooses not to: changed contents of a Secret or a
 * ConfigMap make a new one. Source: provider/pkg/provider/diff.go of pulumi-kubernetes; manifests may have any of its kinds.
 */
const IMMUTABLE = new Map<string, readonly string[]>([
  ["apps/v1/DaemonSet", ["spec.selector"]],
  ["apps/v1/Deployment", ["spec.selector"]],
  [
    "apps/v1/StatefulSet",
    [
      "spec.podManagementPolicy",
      "spec.revisionHistoryLimit",
      "spec.selector",
      "spec.serviceName",
      "spec.volumeClaimTemplates",
    ],
  ],
  ["batch/v1/Job", ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"]],
  ["rbac.authorization.k8s.io/v1/ClusterRoleBinding", ["roleRef"]],
  ["rbac.authorization.k8s.io/v1/RoleBinding", ["roleRef"]],
  ["storage.k8s.io/v1/StorageClass", ["parameters", "provisioner"]],
  ["v1/PersistentVolumeClaim", ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"]],
  ["v1/Pod", ["spec"]],
  ["v1/ResourceQuota", ["spec.scopes"]],
  ["v1/Service", ["spec.clusterIP"]],
]);

const IDENTITY = ["metadata.name", "metadata.namespace"];

/** Tells whether a change at a path replaces the object. */
export function replaces(inputs: Props, isPatch: boolean, settings: Settings): (path: Path) => boolean {
  const fields = isPatch ? IDENTITY : [...IDENTITY, ...immutable(inputs, settings)];
  return (path) => {
    const plain = path.filter((part) => typeof part === "string").join(".");
    return fields.some((field) => plain === field || plain.startsWith(`${field}.`));
  };
}

function immutable(inputs: Props, settings: Settings): readonly string[] {
  const kind = `${asText(inputs.apiVersion)}/${asText(inputs.kind)}`;
  const frozen = inputs.immutable === true;
  if (kind === "v1/Secret") {
    return frozen || !settings.enableSecretMutable ? ["type", "stringData", "data"] : ["type"];
  }
  if (kind === "v1/ConfigMap") {
    return frozen || !settings.enableConfigMapMutable ? ["binaryData", "data"] : [];
  }
  return IMMUTABLE.get(kind) ?? [];
}
