import { createHash } from "node:crypto";
import type { MadeCluster } from "../../settings";

/**
 * The identity of a cluster that the stack makes: eight hexadecimal digits that change exactly when a setting changes
 * that a running cluster cannot take on (provisioner, name, subnets, nodes, node image).
 *
 * It is part of the Pulumi names of the cluster and of everything inside it: the engine skips deletions inside a
 * cluster (`deletedWith`) when the cluster is deleted, not when it is replaced, so a changed cluster has to be another one.
 */
export function identityOf(cluster: MadeCluster): string {
  const immutable = [
    cluster.provisioner,
    cluster.name,
    cluster.podSubnet,
    cluster.serviceSubnet,
    cluster.controlPlanes,
    cluster.workers,
    cluster.provisioner === "kind" ? (cluster.nodeImage ?? "") : "",
  ];
  return createHash("sha256").update(JSON.stringify(immutable)).digest("hex").slice(0, 8);
}
