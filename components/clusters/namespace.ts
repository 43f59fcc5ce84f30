import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { privateWorkdir, readScript, runScripts } from "./script";

/** Pulumi's type of what ends a namespace, and what follows the namespace's resource in its name. */
export const namespaceEnd = { type: "command:local:Command", suffix: "-namespace" };

/**
 * Sees that a cluster has a namespace with these labels. One that somebody else has made only gets the labels, and loses
 * them again in the end: it is not the stack's to delete.
 *
 * @returns What has to be there before anything inside the namespace.
 */
export function ensureNamespace(
  cluster: Cluster,
  name: string,
  labels: Readonly<Record<string, string>>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const resource = `${cluster.scope}-${name}`;
  const marked = Object.keys(labels).length > 0;
  const metadata = { name, ...(marked && { labels }) };
  if (!cluster.preexisting.namespaces.includes(name)) {
    if (cluster.madeBy) {
      return [new k8s.core.v1.Namespace(resource, { metadata }, opts)];
    }
    const end = new NamespaceEnd(cluster, name, Object.keys(labels), opts);
    const dependsOn = [opts.dependsOn ?? [], end].flat() as pulumi.Resource[];
    return [new k8s.core.v1.Namespace(resource, { metadata }, { ...opts, dependsOn, retainOnDelete: true })];
  }
  return marked ? [new k8s.core.v1.NamespacePatch(resource, { metadata }, opts)] : [];
}

/**
 * Ends a namespace that the stack has made in an existing cluster, in place of the namespace's own resource: that would take
 * everything along which somebody else has put there since.
 */
class NamespaceEnd extends command.local.Command {
  constructor(cluster: Cluster, name: string, labels: readonly string[], opts: pulumi.CustomResourceOptions) {
    super(
      `${cluster.scope}-${name}${namespaceEnd.suffix}`,
      {
        ...runScripts(
          { create: "namespace-keep.sh", delete: "namespace-remove.sh" },
          {
            IN_CLUSTER: readScript("in-cluster.sh"),
            ...privateWorkdir,
            NAME: cluster.name,
            CONTEXT: cluster.context,
            KUBECONFIG_TEXT: cluster.kubeconfig,
            NAMESPACE: name,
            LABELS: labels.join(" "),
          },
        ),
        logging: command.local.Logging.Stderr,
      },
      opts,
    );
  }
}
