import { gatewayGroup } from "../gateway-api";

/** Kinds of Kubernetes, of Istio and of the Gateway API that are in no namespace. */
const clusterScoped: ReadonlySet<string> = new Set([
  "APIService",
  "CSIDriver",
  "CSINode",
  "CertificateSigningRequest",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterTrustBundle",
  "CustomResourceDefinition",
  "DeviceClass",
  "FlowSchema",
  "GatewayClass",
  "IPAddress",
  "IngressClass",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "PriorityLevelConfiguration",
  "ResourceSlice",
  "RuntimeClass",
  "ServiceCIDR",
  "StorageClass",
  "StorageVersion",
  "StorageVersionMigration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
  "VolumeAttachment",
  "VolumeAttributesClass",
]);

/** The group of a version of an API; empty for that of Pods and the like. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.replace(/\/.*$/, "") : "";
}

/** Whether every API server has a group, without definitions. Groups of extensions end in k8s.io as well. */
export function isBuiltIn(group: string): boolean {
  return !group.includes(".") || /^[a-z]+(\.authorization|\.apiserver)?\.k8s\.io$/.test(group);
}

/** Whether istiod brings the definitions of a group. */
export function isIstio(group: string): boolean {
  return /^[a-z]+\.istio\.io$/.test(group);
}

/** Whether a kind is in a namespace; undefined where only the cluster knows. */
export function isNamespaced(apiVersion: string, kind: string): boolean | undefined {
  const group = groupOf(apiVersion);
  return isBuiltIn(group) || isIstio(group) || group === gatewayGroup ? !clusterScoped.has(kind) : undefined;
}
