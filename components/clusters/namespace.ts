import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";

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
  if (!cluster.found.namespaces.has(name)) {
    return [new k8s.core.v1.Namespace(resource, { metadata }, opts)];
  }
  return marked ? [new k8s.core.v1.NamespacePatch(resource, { metadata }, opts)] : [];
}
