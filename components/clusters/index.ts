import * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings } from "../../settings";
import { ContainerNetwork } from "./container-network";
import { type Cluster, nothingPreexisting, type PreexistingObjects } from "./cluster";
import { ExistingCluster } from "./existing";
import { KindCluster } from "./kind";
import { KwokCluster } from "./kwok";
import { createOwner, type RecordedOwnership } from "./ownership";

export { Contexts } from "./contexts";
export { type Cluster, inside, nothingPreexisting, type PreexistingObjects } from "./cluster";
export { ExistingCluster } from "./existing";
export { identityOf, scopeOf } from "./identity";
export { FlatNetwork, type FlatNetworkArgs, type Neighbour } from "./flat-network";
export { KindCluster, ownershipMark } from "./kind";
export { KwokCluster } from "./kwok";
export { LoadBalancers } from "./load-balancers";
export { imagesCommand, kindClustersCommand, nodesCommand } from "./machine-commands";
export { laterAccess } from "./access";
export { MeshControllers } from "./mesh-controllers";
export { PreloadedImages } from "./preloaded-images";
export { formerOf, nobody, nothingRecorded, type RecordedOwnership, recordedOwnership } from "./ownership";
export { ensureNamespace, namespaceEnd } from "./namespace";
export { Remains } from "./remains";

/** The clusters of a stack, with what is known of them before anything is made. */
export interface ClustersArgs {
  readonly clusters: readonly { readonly settings: ClusterSettings; readonly generation: number }[];
  /** Whether the names of new clusters on their machine end in a random suffix. */
  readonly uniqueNames: boolean;
  /** What the stack's state tells of whose the clusters of this machine are. */
  readonly ownership: RecordedOwnership;
  /** The way to each existing cluster, by name: a kubeconfig (YAML, a secret) and the context that counts. */
  readonly access: Readonly<Record<string, { readonly kubeconfig: string; readonly context: string }>>;
  /** What each existing cluster already contains, by name. */
  readonly preexisting: Readonly<Record<string, PreexistingObjects>>;
}

/** Makes, or adopts, every cluster of a stack; side by side, since none needs another. */
export function createClusters(
  { clusters, uniqueNames: uniqueName, ownership: recorded, access, preexisting }: ClustersArgs,
  opts?: pulumi.ComponentResourceOptions,
): Cluster[] {
  const provisioners = clusters.map(({ settings }) => settings.provisioner);
  // An existing cluster carries no owner's mark.
  const owner = provisioners.some((provisioner) => provisioner !== "existing") ? createOwner(opts) : pulumi.output("");
  const network = provisioners.includes("kind") ? [new ContainerNetwork("container-network", owner, opts)] : [];
  return clusters.map(({ settings, generation }) => {
    switch (settings.provisioner) {
      case "kind":
        return new KindCluster(
          { cluster: { ...settings, generation }, uniqueName, owner, recorded },
          { ...opts, dependsOn: network },
        );
      case "kwok":
        return new KwokCluster({ cluster: { ...settings, generation }, uniqueName, owner, recorded }, opts);
      case "existing": {
        const { name } = settings;
        const way = access[name];
        if (way === undefined) {
          throw new Error(`No way to cluster ${name}, although no problem was found: a bug in preflight/`);
        }
        return new ExistingCluster(
          settings,
          { access: way, preexisting: preexisting[name] ?? nothingPreexisting },
          opts,
        );
      }
    }
  });
}
