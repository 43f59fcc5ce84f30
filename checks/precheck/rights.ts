import { z } from "zod";
import type { Check } from "../check";
import { type Cluster, inEach } from "../inventory";

/** What somebody wants to do, as a SelfSubjectAccessReview asks for it. */
interface Deed {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

const create = (group: string, ...resources: readonly string[]): Deed[] =>
  resources.map((resource) => ({ verb: "create", group, resource }));

/** What an install makes, and what a check looks at. */
const deeds: readonly Deed[] = [
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

/** Whether whoever the kubeconfig is of may install a mesh. */
export const rights: Check = {
  id: "rights",
  title: "The kubeconfig's user may install a mesh, and look at it",
  look: (mesh) =>
    inEach(mesh, async (cluster, findings) => {
      const allowed = await Promise.all(deeds.map((deed) => may(cluster, deed)));
      const refused = deeds.filter((_, index) => !allowed[index]);
      if (refused.length === 0) {
        findings.passed(`may do all of ${String(deeds.length)} things`);
      } else {
        findings.failed(
          `may not ${refused.map(text).join(", ")}`,
          "Use the kubeconfig of a cluster administrator (ClusterRole cluster-admin): an install makes definitions and cluster roles.",
        );
      }
    }),
};

async function may(cluster: Cluster, { verb, group, resource, subresource = "" }: Deed): Promise<boolean> {
  const review = await cluster.review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb, group, resource, subresource } },
  });
  return Review.parse(review).status.allowed;
}

function text({ verb, group, resource, subresource }: Deed): string {
  return `${verb} ${resource}${group && `.${group}`}${subresource === undefined ? "" : `/${subresource}`}`;
}
