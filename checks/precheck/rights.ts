import { z } from "zod";
import type { Check } from "../check";
import { type Cluster, forEachCluster } from "../inventory";

/** A permission, as a SelfSubjectAccessReview asks for it. */
interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

const create = (group: string, ...resources: readonly string[]): Permission[] =>
  resources.map((resource) => ({ verb: "create", group, resource }));

/** What an install creates, and what a check reads. */
const permissions: readonly Permission[] = [
  ...create("", "namespaces", "secrets", "services", "serviceaccounts", "configmaps"),
  ...create("apps", "deployments", "daemonsets"),
  ...create("apiextensions.k8s.io", "customresourcedefinitions"),
  ...create("rbac.authorization.k8s.io", "clusterroles", "clusterrolebindings", "roles", "rolebindings"),
  ...create("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
  ...create("gateway.networking.k8s.io", "gateways"),
  { verb: "get", group: "", resource: "nodes" },
  { verb: "create", group: "", resource: "pods", subresource: "portforward" },
  { verb: "create", group: "", resource: "pods", subresource: "exec" },
];

const Review = z.object({ status: z.object({ allowed: z.boolean().default(false) }) });

/** Whether the kubeconfig's user may install a mesh. */
export const rights: Check = {
  id: "rights",
  title: "The kubeconfig's user may install a mesh and read it",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      const allowed = await Promise.all(permissions.map((permission) => may(cluster, permission)));
      const refused = permissions.filter((_, index) => !allowed[index]);
      if (refused.length === 0) {
        findings.passed(`has all ${String(permissions.length)} permissions`);
      } else {
        findings.failed(
          `may not ${refused.map(text).join(", ")}`,
          "Use the kubeconfig of a cluster administrator (ClusterRole cluster-admin): an install creates definitions and cluster roles.",
        );
      }
    }),
};

async function may(cluster: Cluster, { verb, group, resource, subresource = "" }: Permission): Promise<boolean> {
  const review = await cluster.review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb, group, resource, subresource } },
  });
  return Review.parse(review).status.allowed;
}

function text({ verb, group, resource, subresource }: Permission): string {
  return `${verb} ${resource}${group && `.${group}`}${subresource === undefined ? "" : `/${subresource}`}`;
}
