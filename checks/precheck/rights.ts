import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { Check } from "../check";
import { type Cluster, forEachCluster } from "../inventory";
import { kubectl } from "../remedies";

/** A permission, as a SelfSubjectAccessReview asks for it. */
interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

const Role = z.object({
  metadata: z.object({ name: z.string() }),
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});

/** The file with the role of an update. */
const file = "rbac/update.yaml";

/** Every permission of a role that is shipped in rbac/. */
export function permissionsIn(path: string): Permission[] {
  const text = readFileSync(join(__dirname, "..", "..", path), "utf8");
  return parseAllDocuments(text).flatMap((document) =>
    Role.parse(document.toJS()).rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((whole) => {
          const [resource = "", subresource] = whole.split("/");
          return verbs.map((verb) => ({ verb, group, resource, ...(subresource !== undefined && { subresource }) }));
        }),
      ),
    ),
  );
}

const everything: Permission = { verb: "*", group: "*", resource: "*" };

const Review = z.object({ status: z.object({ allowed: z.boolean().default(false) }) });

/** Whether the kubeconfig's user may install a mesh. */
export const rights: Check = {
  id: "rights",
  title: "The kubeconfig's user may install a mesh and read it",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      const permissions = permissionsIn(file);
      // An administrator is asked about once.
      const refused = (await may(cluster, everything)) ? [] : await refusedOf(cluster, permissions);
      if (refused.length === 0) {
        findings.passed(`has all ${String(permissions.length)} permissions`);
      } else {
        findings.failed(
          `may not ${texts(refused).join(", ")}`,
          "Use the kubeconfig of a cluster administrator (ClusterRole cluster-admin), or have one give its user the role for it: " +
            `${kubectl(cluster, "apply", "-f", file)}; ${kubectl(cluster, "create", "clusterrolebinding", "flatmesh-update", "--clusterrole=flatmesh-update", "--user=NAME")}`,
        );
      }
    }),
};

async function refusedOf(cluster: Cluster, permissions: readonly Permission[]): Promise<Permission[]> {
  const allowed = await Promise.all(permissions.map((permission) => may(cluster, permission)));
  return permissions.filter((_, index) => !allowed[index]);
}

async function may(cluster: Cluster, { verb, group, resource, subresource = "" }: Permission): Promise<boolean> {
  const review = await cluster.review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb, group, resource, subresource } },
  });
  return Review.parse(review).status.allowed;
}

/** Verbs of a resource together: there are many. */
function texts(permissions: readonly Permission[]): string[] {
  const byResource = new Map<string, string[]>();
  for (const { verb, group, resource, subresource } of permissions) {
    const name = `${resource}${group && `.${group}`}${subresource === undefined ? "" : `/${subresource}`}`;
    byResource.set(name, [...(byResource.get(name) ?? []), verb]);
  }
  return [...byResource].map(([name, verbs]) => `${verbs.join("/")} ${name}`);
}
