import { describe, expect, it } from "vitest";
import type { ManifestObject } from "../../../../components/manifests";
import { inOrder, needs } from "../../../../components/manifests/order";

const object = (kind: string, namespace?: string): ManifestObject => ({
  formerTypes: [],
  object: { apiVersion: "v1", kind, metadata: { name: "x", ...(namespace !== undefined && { namespace }) } },
});

describe("the order of manifests", () => {
  it("has a workload wait for what its pods need, in its namespace and in none", () => {
    const workload = object("Deployment", "shop");
    const needed = [
      object("ServiceAccount", "shop"),
      object("ConfigMap", "shop"),
      object("Secret", "shop"),
      object("PersistentVolumeClaim", "shop"),
      object("RoleBinding", "shop"),
      object("PriorityClass"),
      object("ClusterRoleBinding"),
    ];
    for (const other of needed) {
      expect(needs(workload, other), other.object.kind).toBe(true);
      expect(needs(other, workload), other.object.kind).toBe(false);
    }
    expect(needs(workload, object("ConfigMap", "other"))).toBe(false);
  });

  it("has bindings wait for their roles, the token of an account for the account, and a claim for its volume", () => {
    expect(needs(object("RoleBinding", "shop"), object("Role", "shop"))).toBe(true);
    expect(needs(object("RoleBinding", "shop"), object("ClusterRole"))).toBe(true);
    expect(needs(object("Secret", "shop"), object("ServiceAccount", "shop"))).toBe(true);
    expect(needs(object("PersistentVolumeClaim", "shop"), object("PersistentVolume"))).toBe(true);
  });

  it("leaves everything else side by side: an operator's workload may be what its objects wait for", () => {
    for (const kind of ["Service", "Thing", "ValidatingWebhookConfiguration", "AuthorizationPolicy", "Deployment"]) {
      expect(needs(object("Deployment", "shop"), object(kind, "shop")), kind).toBe(false);
      expect(needs(object(kind, "shop"), object("Deployment", "shop")), kind).toBe(false);
    }
  });

  it("declares what is needed first, and otherwise keeps that of the files", () => {
    const kinds = ["Deployment", "Secret", "Service", "Role", "ConfigMap", "PeerAuthentication"];
    expect(inOrder(kinds.map((kind) => object(kind, "shop"))).map((one) => one.object.kind)).toEqual([
      "Service",
      "PeerAuthentication",
      "Role",
      "Secret",
      "ConfigMap",
      "Deployment",
    ]);
  });
});
