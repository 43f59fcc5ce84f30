import type { Resource } from "@pulumi/pulumi";
import { ownValues } from "../../chart-values";
import { lastAddress, type Settings } from "../../settings";
import { type Cluster, inside, KwokCluster, targetCluster } from "../clusters";
import type { ReleaseRegistry } from "../helm";
import type { Trust } from "../trust";
import { AmbientMesh, type AmbientMeshArgs, type CommonMeshArgs, programValues } from "./ambient-mesh";
import { chartOf, chartVariant, istioTag, pinnedImages } from "./charts";
import { externalCacertsHooks } from "./external-cacerts-hook";
import type { Definition } from "./gateway-api";
import type { ChartValues } from "./values";

export interface MeshesArgs {
  readonly settings: Settings;
  readonly clusters: readonly Cluster[];
  readonly trust: Pick<Trust, "intermediates" | "external">;
  readonly gatewayApi: readonly Definition[];
  /** The annotation of ztunnel that makes it have certificates reissued, by cluster. */
  readonly reissues: Readonly<Record<string, string>>;
  /** How the registry of the charts is asked; absent for everybody's own login. */
  readonly chartRegistry?: ReleaseRegistry;
  /** What loads the mesh's images into a cluster, by name prefix; absent for clusters that pull them. */
  readonly preloaded?: ReadonlyMap<string, Resource>;
}

/** A cluster and the mesh in it. */
export interface ClusterMesh {
  readonly cluster: Cluster;
  readonly mesh: AmbientMesh;
}

/**
 * A mesh in every cluster, which needs nothing but its own; where certificates are reissued, ztunnel restarts in one cluster after the
 * other.
 *
 * @throws PreconditionError if a folder of charts lacks one of them.
 */
export function createMeshes(args: MeshesArgs): ClusterMesh[] {
  const { settings, clusters, trust, gatewayApi, reissues, preloaded } = args;
  const external = trust.external && externalCacertsHooks(trust.external);
  const meshes: ClusterMesh[] = [];
  for (const cluster of clusters) {
    const images = preloaded?.get(cluster.namePrefix);
    const mesh = new AmbientMesh(
      `${cluster.namePrefix}-mesh`,
      {
        ...commonArgs(settings, gatewayApi),
        chartRegistry: args.chartRegistry,
        ...clusterArgs(cluster, settings),
        intermediate: trust.intermediates.get(cluster.name),
        // An existing cluster's were looked at before.
        beforeIstiod: cluster.clusterResource && external?.(cluster),
        reissue: reissues[cluster.name],
        ownValues: ownValues(settings, cluster.name),
        ztunnelAfter: settings.root.reissue === undefined ? undefined : meshes.at(-1)?.mesh.ztunnel,
      },
      inside(cluster, images && { dependsOn: [images] }),
    );
    meshes.push({ cluster, mesh });
  }
  return meshes;
}

/**
 * The values that this program gives the charts of a cluster of the settings, before those of the settings.
 *
 * @throws PreconditionError if a folder of charts lacks one of them.
 */
export function settingsValues(settings: Settings, { name, platform }: Settings["clusters"][number]): ChartValues {
  return programValues({ ...commonArgs(settings, []), clusterName: name, platform });
}

function commonArgs(settings: Settings, gatewayApi: readonly Definition[]): CommonMeshArgs {
  const { distribution, network, trustDomain, images, license } = settings;
  const chart = (name: string) => chartOf(settings, name);
  return {
    distribution,
    network,
    trustDomain,
    imageHub: images,
    imageTag: istioTag(settings),
    imageVariant: chartVariant(settings),
    pinnedImages: settings.imageDigests && pinnedImages(settings),
    pullSecrets: settings.imagePullSecrets,
    charts: { base: chart("base"), istiod: chart("istiod"), cni: chart("cni"), ztunnel: chart("ztunnel") },
    license: license && "value" in license ? license.value : undefined,
    licenseSecretRef: license && "secretRef" in license ? license.secretRef : undefined,
    gatewayApi,
  };
}

function clusterArgs(cluster: Cluster, { clusters }: Settings): Omit<AmbientMeshArgs, keyof CommonMeshArgs> {
  const { loadBalancerIP } = clusters.find(({ name }) => name === cluster.name)?.eastWestGateway ?? {};
  return {
    ...targetCluster(cluster),
    platform: cluster.platform,
    meshControllers:
      cluster instanceof KwokCluster
        ? {
            machineName: cluster.machineName,
            // No other cluster of a flat network has it, and Services are given theirs from the other end.
            gatewayAddress: loadBalancerIP ?? lastAddress(cluster.serviceSubnet),
            ...(loadBalancerIP !== undefined && { addressIsFixed: true }),
          }
        : undefined,
  };
}
