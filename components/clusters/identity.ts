import { createHash } from "node:crypto";
import type { ClusterSettings, MadeCluster } from "../../settings";

/** How often a cluster was recreated with the same settings because it was gone (see preflight/cluster-plan.ts). */
export interface Generation {
  readonly generation?: number;
}

/**
 * The identity of a cluster that the stack provisions: eight hexadecimal digits that change exactly when a setting changes
 * that a running cluster cannot take on (provisioner, name, subnets, nodes, node image), or when it is recreated.
 *
 * It is part of the Pulumi names of the cluster and of everything inside it: the engine skips deletions inside a
 * cluster (`deletedWith`) when the cluster is deleted, not when it is replaced, so a changed cluster has to be another one.
 */
export function identityOf(cluster: MadeCluster & Generation): string {
  const { generation = 0 } = cluster;
  const immutable = [
    cluster.provisioner,
    cluster.name,
    cluster.podSubnet,
    cluster.serviceSubnet,
    cluster.controlPlanes,
    cluster.workers,
    cluster.provisioner === "kind" ? (cluster.nodeImage ?? "") : "",
    ...(generation === 0 ? [] : [generation]),
    // Those of version 0.1 listen on every address of the machine, etcd without credentials: each is rebuilt once.
    ...(cluster.provisioner === "kwok" ? ["loopback"] : []),
  ];
  return createHash("sha256").update(JSON.stringify(immutable)).digest("hex").slice(0, 8);
}

/** What the Pulumi names of all resources inside a cluster begin with: see {@link Cluster.namePrefix}. */
export function namePrefixOf(cluster: ClusterSettings & Generation): string {
  // The name of an existing cluster is its identity: credentials and even the address of an API server change while the
  // cluster stays the same, and treating it as another one would install the mesh over itself.
  return cluster.provisioner === "existing" ? cluster.name : `${cluster.name}-${identityOf(cluster)}`;
}
