import * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings } from "../../settings";
import { type Cluster, type PreexistingObjects, nothingPreexisting, noteInterrupted, repairInside } from "./cluster";
import { ContainerNetwork } from "./container-network";
import { ExistingCluster, type ExistingClusterAccess } from "./existing";
import { identityOf, namePrefixOf } from "./identity";
import { type InterruptedCluster, nothingInterrupted, providerUpsert } from "./interrupted";
import { KindCluster } from "./kind";
import { KwokCluster } from "./kwok";
import type { Repairs } from "./repairs";
import { createOwner, formerOf, type RecordedOwnership } from "./ownership";

export {
  type Cluster,
  type ClusterAccess,
  hookAccess,
  inside,
  nothingPreexisting,
  type NodePort,
  type PreexistingObjects,
  repairInside,
  targetCluster,
  type TargetClusterArgs,
} from "./cluster";
export {
  type ApiServerAddress,
  ExistingCluster,
  type ExistingClusterAccess,
  type ExistingClusterArgs,
} from "./existing";
export { identityOf, namePrefixOf } from "./identity";
export { errorHook, resourceHook } from "./failure-hooks";
export { failureMessage, findingLine, retryMessage } from "./failure-message";
export { FlatNetwork, type FlatNetworkArgs, type Neighbour } from "./flat-network";
export { type InterruptedCluster, nothingInterrupted } from "./interrupted";
export { KindCluster, type KindClusterArgs, ownershipMark } from "./kind";
export { parseImages, parseNetworks } from "./nodes";
export { KubeconfigContexts, type KubeconfigContextsArgs } from "./kubeconfig-contexts";
export { KwokCluster, type KwokClusterArgs } from "./kwok";
export { LoadBalancers, type LoadBalancersArgs } from "./load-balancers";
export { PreloadedImages, type PreloadedImagesArgs } from "./preloaded-images";
export { formerOf, nobody, nothingRecorded, type RecordedOwnership, recordedOwnership } from "./ownership";
export { removeRecords } from "./release-records";
export { pendingAnnotation, type Repair, type Repairs, repairedAnnotation, repairedVariable } from "./repairs";
export { retrying } from "./retries";
export { balancersCommand, imagesCommand, kindClustersCommand, machineScript, nodesCommand } from "./machine-commands";

/** The clusters of a stack, with what is known of them before the update. */
export interface ClustersArgs {
  readonly clusters: readonly { readonly settings: ClusterSettings; readonly generation: number }[];
  /** Whether the names of new clusters on their machine end in a random suffix. */
  readonly uniqueNames: boolean;
  /** Who owns the clusters of this machine, by the stack's state. */
  readonly ownership: RecordedOwnership;
  /** Access to each existing cluster, by name. */
  readonly access: Readonly<Record<string, ExistingClusterAccess>>;
  /** What each existing cluster already contains, by name. */
  readonly preexisting: Readonly<Record<string, PreexistingObjects>>;
  /** What interrupted updates have left in a cluster, by name prefix. */
  readonly interrupted: ReadonlyMap<string, InterruptedCluster>;
  /** What has drifted inside the clusters; nothing if left out. */
  readonly repairs?: Repairs;
}

/** Provisions, or adopts, every cluster of a stack; side by side, since none needs another. */
export function createClusters(args: ClustersArgs, opts?: pulumi.ComponentResourceOptions): Cluster[] {
  const clusters = provideClusters(args, opts);
  for (const cluster of clusters) {
    repairInside(cluster, args.repairs ?? {});
  }
  return clusters;
}

function provideClusters(
  { clusters, uniqueNames: uniqueName, ownership, access, preexisting, interrupted }: ClustersArgs,
  opts?: pulumi.ComponentResourceOptions,
): Cluster[] {
  const provisioners = clusters.map(({ settings }) => settings.provisioner);
  // An existing cluster carries no owner's mark.
  const owner = provisioners.some((provisioner) => provisioner !== "existing") ? createOwner(opts) : pulumi.output("");
  const network = provisioners.includes("kind") ? [new ContainerNetwork("container-network", { owner }, opts)] : [];
  return clusters.map(({ settings, generation }) => {
    const namePrefix = namePrefixOf(settings.provisioner === "existing" ? settings : { ...settings, generation });
    const left = interrupted.get(namePrefix) ?? nothingInterrupted;
    const { name: clusterName, podSubnet, serviceSubnet, platform, region, zone, nodePort, eastWestGateway } = settings;
    const place = {
      clusterName,
      platform,
      region,
      zone,
      nodePort,
      ...providerUpsert(left),
      // The Gateway's parameters are changed, and never gone in between. Stacks without any keep the provider that they have.
      ...(eastWestGateway && { enableConfigMapMutable: true as const }),
    };
    if (settings.provisioner === "existing") {
      const credentials = access[clusterName];
      if (credentials === undefined) {
        throw new Error(`No access to cluster ${clusterName}, although no problem was found: a bug in preflight/`);
      }
      const existing = new ExistingCluster(
        namePrefix,
        {
          ...place,
          podSubnet,
          serviceSubnet,
          apiServer: settings.apiServer,
          preexisting: preexisting[clusterName] ?? nothingPreexisting,
          access: credentials,
        },
        opts,
      );
      return noteInterrupted(existing, left);
    }
    const cluster = { ...settings, generation };
    const former = formerOf(ownership, namePrefix, uniqueName ? undefined : clusterName);
    const args = {
      ...place,
      podSubnet: cluster.podSubnet,
      serviceSubnet: cluster.serviceSubnet,
      controlPlanes: cluster.controlPlanes,
      workers: cluster.workers,
      identity: identityOf(cluster),
      generation,
      uniqueName,
      owner,
      former: former && { mark: former.mark, authority: former.authority },
    };
    const provisioned =
      cluster.provisioner === "kind"
        ? new KindCluster(namePrefix, { ...args, nodeImage: cluster.nodeImage }, { ...opts, dependsOn: network })
        : new KwokCluster(namePrefix, args, opts);
    return noteInterrupted(provisioned, left);
  });
}

/** The clusters whose nodes are containers of this machine. */
export function kindClustersOf(clusters: readonly Cluster[]): KindCluster[] {
  return clusters.filter((cluster) => cluster instanceof KindCluster);
}
