import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { TargetClusterArgs } from "../clusters";
import { privateWorkdir, readScript, runScripts } from "../script";

/** Pulumi's type of what cleans a namespace up, and what follows the namespace's resource in its name. */
export const namespaceCleanupResource = { type: "command:local:Command", suffix: "-namespace" };

export interface NamespaceArgs {
  readonly cluster: Pick<TargetClusterArgs, "clusterName" | "existingCluster" | "preexisting" | "access">;
  /** Name of the namespace. */
  readonly name: string;
  /** Labels that it needs, if any. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Ensures that a cluster has a namespace with these labels. One that existed before only gets the labels, and loses them again in
 * the end: it is not the stack's to delete.
 *
 * @returns What anything inside the namespace depends on.
 */
export function ensureNamespace(
  resource: string,
  args: NamespaceArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { cluster, name, labels } = args;
  const marked = Object.keys(labels).length > 0;
  const metadata = { name, labels: marked ? labels : undefined };
  if (cluster.preexisting.namespaces.includes(name)) {
    return marked ? [new k8s.core.v1.NamespacePatch(resource, { metadata }, opts)] : [];
  }
  if (!cluster.existingCluster) {
    return [new k8s.core.v1.Namespace(resource, { metadata }, opts)];
  }
  const cleanup = namespaceCleanup(`${resource}${namespaceCleanupResource.suffix}`, args, opts);
  const dependsOn = [opts.dependsOn ?? [], cleanup].flat() as pulumi.Resource[];
  return [new k8s.core.v1.Namespace(resource, { metadata }, { ...opts, dependsOn, retainOnDelete: true })];
}

/**
 * Deletes a namespace that the stack created in an existing cluster, instead of the namespace's own resource: that would also delete
 * what others have put there since.
 */
export function namespaceCleanup(
  resource: string,
  { cluster, name, labels }: NamespaceArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  return new command.local.Command(
    resource,
    {
      ...runScripts(
        { create: "mesh/namespace-keep.sh", delete: "mesh/namespace-remove.sh" },
        {
          IN_CLUSTER: readScript("mesh/in-cluster.sh"),
          ...privateWorkdir,
          NAME: cluster.clusterName,
          CONTEXT: cluster.access.context,
          ...(cluster.access.kubeconfig !== undefined && { KUBECONFIG_TEXT: cluster.access.kubeconfig }),
          NAMESPACE: name,
          LABELS: Object.keys(labels).join(" "),
        },
      ),
      logging: command.local.Logging.Stderr,
    },
    opts,
  );
}
