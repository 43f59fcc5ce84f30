import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import { ContainerNetwork } from "./container-network";
import { type Cluster, type Findings, nothingFound } from "./cluster";
import { ExistingCluster } from "./existing";
import { KindCluster } from "./kind";
import { KwokCluster } from "./kwok";

export { Contexts } from "./contexts";
export { type Cluster, type Findings, inside, nothingFound } from "./cluster";
export { accessTo, ExistingCluster } from "./existing";
export { withGenerations } from "./generations";
export { scopeOf } from "./identity";
export { FlatNetwork, type Neighbour } from "./flat-network";
export { KindCluster } from "./kind";
export { KwokCluster } from "./kwok";
export { LoadBalancers } from "./load-balancers";
export { checkMachine } from "./machine";
export { MeshControllers } from "./mesh-controllers";
export { owner } from "./names";
export { PreloadedImages } from "./preloaded-images";
export { ensureNamespace, namespaceEnd } from "./namespace";
export { Remains } from "./remains";

/**
 * Makes, or adopts, every cluster of a stack's settings; side by side, since none needs another.
 *
 * @param found What stands in the existing ones already, by cluster.
 */
export function createClusters(
  settings: Settings,
  found: ReadonlyMap<string, Findings> = new Map(),
  opts?: pulumi.ComponentResourceOptions,
): Cluster[] {
  const uniqueName = settings.uniqueNames;
  const network = settings.clusters.some(({ provisioner }) => provisioner === "kind")
    ? [new ContainerNetwork("container-network", opts)]
    : [];
  return settings.clusters.map((cluster) => {
    switch (cluster.provisioner) {
      case "kind":
        return new KindCluster({ cluster, uniqueName }, { ...opts, dependsOn: network });
      case "kwok":
        return new KwokCluster({ cluster, uniqueName }, opts);
      case "existing":
        return new ExistingCluster(cluster, found.get(cluster.name) ?? nothingFound, opts);
    }
  });
}
