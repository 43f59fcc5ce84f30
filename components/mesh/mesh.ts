import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import {
  type Cluster,
  ensureNamespace,
  ExistingCluster,
  inside,
  KwokCluster,
  MeshControllers,
  Remains,
} from "../clusters";
import { Release, type ReleaseArgs } from "../helm";
import { waitForIstiodReload } from "./istiod-reload";
import { reissueAnnotation } from "./reissue";
import { CaCertsSecret, type Intermediate, type Trust } from "../trust";
import { ExternalCacertsHook } from "./external-cacerts-hook";
import { chartOf, istioTag } from "./charts";
import { type Definition, GatewayApi } from "./gateway-api";
import { type ChartValues, chartValues } from "./values";

export interface MeshArgs {
  readonly settings: Settings;
  readonly gatewayApi: readonly Definition[];
  /** What istiod signs with; absent where someone else keeps the Secret `cacerts`. */
  readonly intermediate?: Intermediate;
  /** Sees that somebody else's Secret is there before istiod needs it. */
  readonly external?: ExternalCacertsHook;
  /** What ztunnel's pods are to be of: see {@link reissueAnnotation}. */
  readonly reissue?: string;
  /** The mesh whose ztunnel restarts before this one's, where certificates are issued anew. */
  readonly after?: Mesh;
}

/** Namespace of the whole mesh. */
export const systemNamespace = "istio-system";

/** Names of the Helm releases, by chart. */
export const releaseNames: Record<keyof ChartValues, string> = {
  base: "istio-base",
  istiod: "istiod",
  cni: "istio-cni",
  ztunnel: "ztunnel",
};

/** An ambient mesh in one cluster that knows the network it shares with its peers: everything that stands in `istio-system`. */
export class Mesh extends pulumi.ComponentResource {
  readonly cluster: Cluster;
  readonly ztunnel: Release;

  constructor(cluster: Cluster, args: MeshArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:mesh:Mesh", `${cluster.scope}-mesh`, {}, inside(cluster, opts));
    this.cluster = cluster;
    const { settings } = args;
    const definitions = args.gatewayApi.filter(
      ({ metadata }) => !cluster.preexisting.definitions.includes(metadata.name),
    );
    // Recorded on the children that come first: the dependencies of a component alone say nothing to a destroy.
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    if (cluster instanceof ExistingCluster) {
      const names = definitions.map(({ metadata }) => metadata.name);
      dependsOn.push(new Remains(cluster, { definitions: names }, { parent: this, dependsOn: [...dependsOn] }));
    }
    const first = { parent: this, dependsOn };

    // istiod's peering controller waits for the label: the namespace has it from birth.
    const namespace = ensureNamespace(
      cluster,
      systemNamespace,
      { "topology.istio.io/network": settings.network },
      first,
    );
    const inNamespace = { parent: this, dependsOn: namespace };
    const cacerts = args.intermediate && new CaCertsSecret(cluster.scope, args.intermediate, inNamespace);
    const gatewayApi = new GatewayApi(cluster, definitions, first);
    if (cluster instanceof KwokCluster) {
      new MeshControllers(cluster, { parent: this, dependsOn: [gatewayApi] });
    }

    const release = releases(cluster, args, this);
    const base = release("base", namespace);
    const istiod = release("istiod", [base, gatewayApi, ...(cacerts ? [cacerts] : [])]);
    const cni = release("cni", [istiod]);
    // One cluster after the other, so that what goes wrong in one stops before the next.
    this.ztunnel = release("ztunnel", args.after ? [cni, args.after.ztunnel] : [cni]);
    this.registerOutputs();
  }
}

type MakeRelease = (chart: keyof ChartValues, dependsOn: pulumi.Resource[]) => Release;

function releases(cluster: Cluster, { settings, external, reissue }: MeshArgs, parent: pulumi.Resource): MakeRelease {
  const { platform } = cluster.settings;
  const values = chartValues[settings.distribution]({
    cluster: cluster.name,
    ...(platform !== undefined && { platform }),
    network: settings.network,
    trustDomain: settings.trustDomain,
    hub: settings.images,
    tag: istioTag(settings),
    ...(reissue !== undefined && { ztunnelAnnotations: { [reissueAnnotation]: reissue } }),
    ...(settings.license !== undefined && { license: settings.license }),
  });
  return (chart, dependsOn) =>
    new Release(
      cluster,
      {
        name: releaseNames[chart],
        namespace: systemNamespace,
        chart: chartOf(settings, chart),
        values: values[chart],
        // An existing cluster's were looked at before.
        ...(chart === "ztunnel" && reissue !== undefined && anew(cluster)),
        ...(chart === "istiod" && external && cluster.madeBy && { beforeCreate: [external.before(cluster)] }),
      },
      { parent, dependsOn },
    );
}

/** ztunnel restarts node by node, and each old one drains its connections for up to half a minute: many nodes take long. */
function anew(cluster: Cluster): Pick<ReleaseArgs, "beforeUpdate" | "timeoutSeconds"> {
  return { beforeUpdate: [waitForIstiodReload(cluster)], timeoutSeconds: 3600 };
}

export interface MeshesArgs {
  readonly settings: Settings;
  readonly clusters: readonly Cluster[];
  readonly trust: Pick<Trust, "intermediates" | "external">;
  readonly gatewayApi: readonly Definition[];
  /** The annotation by which each cluster's ztunnel has certificates reissued, by cluster. */
  readonly reissues: Readonly<Record<string, string>>;
}

/** A mesh in every cluster; where certificates are reissued, ztunnel restarts in one cluster after the other. */
export function createMeshes(
  { settings, clusters, trust, gatewayApi, reissues }: MeshesArgs,
  opts: pulumi.ComponentResourceOptions,
): Mesh[] {
  const external = trust.external && new ExternalCacertsHook(trust.external);
  const meshes: Mesh[] = [];
  for (const cluster of clusters) {
    const after = settings.root.reissue === undefined ? undefined : meshes.at(-1);
    const intermediate = trust.intermediates.get(cluster.name);
    const reissue = reissues[cluster.name];
    meshes.push(new Mesh(cluster, { settings, gatewayApi, intermediate, external, reissue, after }, opts));
  }
  return meshes;
}
