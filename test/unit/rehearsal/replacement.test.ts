import { describe, expect, it } from "vitest";
import { replaces } from "../../../rehearsal/plugins/kubernetes/replacement";

const settings = {
  deleteUnreachable: false,
  enablePatchForce: false,
  upsertExistingObjects: false,
  enableSecretMutable: true,
  enableConfigMapMutable: false,
} as Parameters<typeof replaces>[2];

describe("the stand-in for Pulumi's Kubernetes plugin", () => {
  it.each([
    ["v1", "PersistentVolumeClaim", "spec.storageClassName", true],
    ["v1", "PersistentVolumeClaim", "spec.resources.requests", false],
    ["v1", "ResourceQuota", "spec.scopes", true],
    ["v1", "ResourceQuota", "spec.hard", false],
    ["storage.k8s.io/v1", "StorageClass", "provisioner", true],
    ["storage.k8s.io/v1", "StorageClass", "parameters.type", true],
    ["policy/v1", "PodDisruptionBudget", "spec.minAvailable", false],
    ["v1", "Secret", "data.key", false],
    ["v1", "ConfigMap", "data.key", true],
  ])("replaces what it replaces: %s %s, %s", (apiVersion, kind, path, isReplaced) => {
    expect(replaces({ apiVersion, kind }, false, settings)(path.split("."))).toBe(isReplaced);
  });
});
