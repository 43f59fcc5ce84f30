/**
 * What Istio's charts make under names of their own, but for definitions: Helm takes over nothing that it has not made itself.
 * test/render/readiness.test.ts compares the list with what the charts make on every platform.
 */

/** An object of a release. */
export interface ChartObject {
  /** As kubectl names it, such as `clusterrole`. */
  readonly resource: string;
  readonly kind: string;
  /** Absent for what is in no namespace. */
  readonly namespace?: string;
  readonly name: string;
  /** Helm's release, in istio-system. */
  readonly release: string;
}

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const admission = "/apis/admissionregistration.k8s.io/v1";

/** By kind: the API that serves it and its plural, and what kubectl calls it where the kind is not enough. */
const kinds: Readonly<Record<string, { readonly api: string; readonly plural: string; readonly resource?: string }>> = {
  ServiceAccount: { api: "/api/v1", plural: "serviceaccounts" },
  ConfigMap: { api: "/api/v1", plural: "configmaps" },
  Service: { api: "/api/v1", plural: "services" },
  ResourceQuota: { api: "/api/v1", plural: "resourcequotas" },
  Deployment: { api: "/apis/apps/v1", plural: "deployments" },
  DaemonSet: { api: "/apis/apps/v1", plural: "daemonsets" },
  HorizontalPodAutoscaler: { api: "/apis/autoscaling/v2", plural: "horizontalpodautoscalers" },
  PodDisruptionBudget: { api: "/apis/policy/v1", plural: "poddisruptionbudgets" },
  Role: { api: rbac, plural: "roles" },
  RoleBinding: { api: rbac, plural: "rolebindings" },
  ClusterRole: { api: rbac, plural: "clusterroles" },
  ClusterRoleBinding: { api: rbac, plural: "clusterrolebindings" },
  MutatingWebhookConfiguration: { api: admission, plural: "mutatingwebhookconfigurations" },
  ValidatingWebhookConfiguration: { api: admission, plural: "validatingwebhookconfigurations" },
  NetworkAttachmentDefinition: {
    api: "/apis/k8s.cni.cncf.io/v1",
    plural: "network-attachment-definitions",
    resource: "network-attachment-definitions.k8s.cni.cncf.io",
  },
};

const system = "istio-system";

function of(release: string, namespace: string | undefined, kind: string, ...names: readonly string[]): ChartObject[] {
  return names.map((name) => ({
    resource: kinds[kind]?.resource ?? kind.toLowerCase(),
    kind,
    ...(namespace !== undefined && { namespace }),
    name,
    release,
  }));
}

/** On every platform, of every version that the program supports. */
export const chartObjects: readonly ChartObject[] = [
  ...of("istio-base", system, "ServiceAccount", "istio-reader-service-account"),
  ...of("istiod", system, "ServiceAccount", "istiod"),
  ...of("istiod", system, "ConfigMap", "istio", "istio-sidecar-injector", "values"),
  ...of("istiod", system, "Service", "istiod"),
  ...of("istiod", system, "Deployment", "istiod"),
  ...of("istiod", system, "HorizontalPodAutoscaler", "istiod"),
  ...of("istiod", system, "PodDisruptionBudget", "istiod"),
  ...of("istiod", system, "Role", "istiod"),
  ...of("istiod", system, "RoleBinding", "istiod"),
  ...["ClusterRole", "ClusterRoleBinding"].flatMap((kind) =>
    of(
      "istiod",
      undefined,
      kind,
      "istiod-clusterrole-istio-system",
      "istiod-gateway-controller-istio-system",
      "istio-reader-clusterrole-istio-system",
    ),
  ),
  ...of("istiod", undefined, "MutatingWebhookConfiguration", "istio-sidecar-injector"),
  ...of("istiod", undefined, "ValidatingWebhookConfiguration", "istio-validator-istio-system"),
  ...of("istio-cni", system, "ServiceAccount", "istio-cni"),
  ...of("istio-cni", system, "ConfigMap", "istio-cni-config"),
  ...of("istio-cni", system, "DaemonSet", "istio-cni-node"),
  ...of("istio-cni", undefined, "ClusterRole", "istio-cni", "istio-cni-repair-role", "istio-cni-ambient"),
  ...of("istio-cni", undefined, "ClusterRoleBinding", "istio-cni", "istio-cni-repair-rolebinding", "istio-cni-ambient"),
  ...of("istio-cni", system, "ResourceQuota", "istio-cni-resource-quota"),
  ...of("istio-cni", "default", "NetworkAttachmentDefinition", "istio-cni"),
  ...of("ztunnel", system, "ServiceAccount", "ztunnel"),
  ...of("ztunnel", system, "DaemonSet", "ztunnel"),
  ...of("ztunnel", system, "ResourceQuota", "ztunnel"),
  ...of("ztunnel", undefined, "ClusterRole", "ztunnel"),
  ...of("ztunnel", undefined, "ClusterRoleBinding", "ztunnel"),
];

/** Where the API server has an object. */
export function pathOf({ kind, namespace, name }: ChartObject): string {
  const { api = "", plural = "" } = kinds[kind] ?? {};
  return `${api}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plural}/${name}`;
}
