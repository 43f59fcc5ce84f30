import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import { ContainerNetwork } from "./container-network";
import { type Cluster, type Findings, nothingFound } from "./cluster";
import { ExistingCluster } from "./existing";
import { KindCluster } from "./kind";
import { KwokCluster } from "./kwok";
import { createOwner, nothingRecorded, type RecordedOwnership } from "./ownership";

export { Contexts } from "./contexts";
export { type Cluster, type Findings, inside, nothingFound } from "./cluster";
export { accessTo, ExistingCluster } from "./existing";
export { withGenerations } from "../../preflight/recreate-missing";
export { scopeOf } from "./identity";
export { FlatNetwork, type Neighbour } from "./flat-network";
export { KindCluster } from "./kind";
export { KwokCluster } from "./kwok";
export { LoadBalancers } from "./load-balancers";
export { checkMachine } from "../../preflight/machine";
export { laterAccess, ownClusters } from "./access";
export { MeshControllers } from "./mesh-controllers";
export { PreloadedImages } from "./preloaded-images";
export { type RecordedOwnership, recordedOwnership } from "./ownership";
export { ensureNamespace, namespaceEnd } from "./namespace";
export { Remains } from "./remains";

/**
 * Makes, or adopts, every cluster of a stack's settings; side by side, since none needs another.
 *
 * @param found What stands in the existing ones already, by cluster.
 * @param recorded What the stack's state tells of whose the clusters of this machine are.
 */
export function createClusters(
  settings: Settings,
  found: ReadonlyMap<string, Findings> = new Map(),
  recorded: RecordedOwnership = nothingRecorded,
  opts?: pulumi.ComponentResourceOptions,
): Cluster[] {
  const { clusters, uniqueNames: uniqueName } = settings;
  // An existing cluster carries no owner's mark.
  const owner = clusters.some(({ provisioner }) => provisioner !== "existing") ? createOwner(opts) : pulumi.output("");
  const network = clusters.some(({ provisioner }) => provisioner === "kind")
    ? [new ContainerNetwork("container-network", owner, opts)]
    : [];
  return clusters.map((cluster) => {
    switch (cluster.provisioner) {
      case "kind":
        return new KindCluster({ cluster, uniqueName, owner, recorded }, { ...opts, dependsOn: network });
      case "kwok":
        return new KwokCluster({ cluster, uniqueName, owner, recorded }, opts);
      case "existing":
        return new ExistingCluster(cluster, found.get(cluster.name) ?? nothingFound, opts);
    }
  });
}
