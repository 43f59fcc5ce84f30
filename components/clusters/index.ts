import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import type { Cluster } from "./cluster";
import { ContainerNetwork } from "./container-network";
import { ExistingCluster } from "./existing";
import { KindCluster } from "./kind";
import { KwokCluster } from "./kwok";

export { type Cluster, inside } from "./cluster";
export { Contexts } from "./contexts";
export { FlatNetwork } from "./flat-network";
export { KwokCluster } from "./kwok";
export { LoadBalancers } from "./load-balancers";
export { checkMachine } from "./machine";
export { MeshControllers } from "./mesh-controllers";
export { PreloadedImages } from "./preloaded-images";

/** Makes, or adopts, every cluster of a stack's settings; side by side, since none needs another. */
export function createClusters(settings: Settings, opts?: pulumi.ComponentResourceOptions): Cluster[] {
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
        return new ExistingCluster(cluster, opts);
    }
  });
}
