import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { reissueAnnotation } from "./reissue";
import type { OwnValues } from "../../chart-values";
import type { Distribution } from "../../settings";
import type { TargetClusterArgs } from "../clusters";
import type { ChartReference } from "../../registry";
import { helmRelease, type HelmReleaseArgs, type ReleaseRegistry } from "../helm";
import { makePullSecrets, type PullSecret } from "../pull-secrets";
import { cacertsSecret, type IntermediateArgs } from "../trust/cacerts";
import { type Definition, definitionNames, GatewayApi } from "./gateway-api";
import { waitForIstiodReload } from "./istiod-reload";
import { meshControllers, type MeshControllersArgs } from "./mesh-controllers";
import { ensureNamespace } from "./namespace";
import { uninstallCleanup } from "./uninstall-cleanup";
import { type ChartValues, chartValues, type LicenseSecretRef, type PinnedImages } from "./values";

/** What the meshes in all clusters of a stack have in common. */
export interface CommonMeshArgs {
  /** Solo's distribution of Istio, `solo`, or upstream's, `community`. */
  readonly distribution: Distribution;
  /** Name of the network that all clusters share. */
  readonly network: string;
  /** The trust domain, such as `cluster.local`. */
  readonly trustDomain: string;
  /** Image hub, without scheme or a slash at its end. */
  readonly imageHub: string;
  /** Image tag, without variant. */
  readonly imageTag: string;
  /** What tags end in behind a dash, empty for nothing; absent for what the ambient profile has. */
  readonly imageVariant?: string;
  /** Images by digest; each is run instead of the one of hub, tag and variant. */
  readonly pinnedImages?: PinnedImages;
  /** Secrets that images are pulled with. Not recorded: the Secrets have them. */
  readonly pullSecrets?: readonly PullSecret[];
  /** How the registry of the charts is asked. Not recorded: the releases have it. */
  readonly chartRegistry?: ReleaseRegistry;
  /** Where the four charts come from. */
  readonly charts: Readonly<Record<keyof ChartValues, ChartReference>>;
  /** Solo's licence. Not recorded: istiod's release has it. */
  readonly license?: pulumi.Input<string>;
  /** The Secret that has Solo's licence instead. */
  readonly licenseSecretRef?: LicenseSecretRef;
  /** The Gateway API's definitions. Only their names are recorded: they are hundreds of kilobytes, and resources of their own. */
  readonly gatewayApi: readonly Definition[];
}

export interface AmbientMeshArgs extends CommonMeshArgs, TargetClusterArgs {
  /** The platform that the charts have a profile for; absent for plain Kubernetes. */
  readonly platform?: string;
  /** What plays the mesh's controllers in a kwok cluster; absent for clusters whose pods run. */
  readonly meshControllers?: MeshControllersArgs;
  /** What istiod signs with; absent if the Secret `cacerts` is managed elsewhere. Not recorded: that Secret has it. */
  readonly intermediate?: IntermediateArgs;
  /** What has to hold before istiod is created. Not recorded: a hook is not data. */
  readonly beforeIstiod?: pulumi.ResourceHook;
  /** A change of this text has all workload certificates reissued: see {@link reissueAnnotation}. */
  readonly reissue?: string;
  /** What the settings put over the program's own values. Not recorded: the releases have it. */
  readonly ownValues?: OwnValues;
  /** The ztunnel of another cluster, after which this one restarts. Not recorded: a resource is not data. */
  readonly ztunnelAfter?: pulumi.Resource;
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

/** An ambient mesh in one cluster, on the network that it shares with its peers: everything in `istio-system`. */
export class AmbientMesh extends pulumi.ComponentResource {
  readonly ztunnel: k8s.helm.v3.Release;

  constructor(name: string, args: AmbientMeshArgs, opts?: pulumi.ComponentResourceOptions) {
    const {
      access,
      license,
      intermediate,
      beforeIstiod,
      ownValues,
      ztunnelAfter,
      gatewayApi,
      pullSecrets,
      chartRegistry,
      ...recorded
    } = args;
    super(
      "flatmesh:mesh:AmbientMesh",
      name,
      { ...recorded, gatewayApi: definitionNames(gatewayApi) },
      pulumi.mergeOptions({ aliases: [{ type: "flatmesh:mesh:Mesh" }] }, opts),
    );
    const { namePrefix, existingCluster, preexisting } = args;
    const definitions = gatewayApi.filter(({ metadata }) => !preexisting.definitions.includes(metadata.name));
    // Recorded on the first children: a destroy ignores the dependencies of a component.
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    if (existingCluster) {
      const cleanup = { cluster: args, definitions: definitionNames(definitions) };
      dependsOn.push(uninstallCleanup(`${namePrefix}-remains`, cleanup, { parent: this, dependsOn: [...dependsOn] }));
    }
    const first = { parent: this, dependsOn };

    // istiod's peering controller waits for this label, so the namespace is created with it.
    const labels = { "topology.istio.io/network": args.network };
    const namespace = ensureNamespace(
      `${namePrefix}-${systemNamespace}`,
      { cluster: args, name: systemNamespace, labels },
      first,
    );
    const inNamespace = { parent: this, dependsOn: namespace };
    const cacerts = intermediate && cacertsSecret(`${namePrefix}-cacerts`, intermediate, inNamespace);
    const pulling = makePullSecrets(namePrefix, systemNamespace, pullSecrets, inNamespace);
    const api = new GatewayApi(`${namePrefix}-gateway-api`, { namePrefix, definitions, existingCluster }, first);
    if (args.meshControllers) {
      meshControllers(`${namePrefix}-mesh-controllers`, args.meshControllers, { parent: this, dependsOn: [api] });
    }

    const release = releases(args, this);
    const base = release("base", namespace);
    const istiod = release("istiod", [base, api, ...(cacerts ? [cacerts] : []), ...pulling]);
    const cni = release("cni", [istiod]);
    // One cluster after the other, so that a failure stops before the next one.
    this.ztunnel = release("ztunnel", ztunnelAfter ? [cni, ztunnelAfter] : [cni]);
    this.registerOutputs();
  }
}

type MakeRelease = (chart: keyof ChartValues, dependsOn: pulumi.Resource[]) => k8s.helm.v3.Release;

/** What this program's own values follow from. */
type ValuesSource = Pick<
  AmbientMeshArgs,
  | "distribution"
  | "clusterName"
  | "platform"
  | "network"
  | "trustDomain"
  | "imageHub"
  | "imageTag"
  | "imageVariant"
  | "pinnedImages"
  | "pullSecrets"
  | "reissue"
  | "license"
  | "licenseSecretRef"
>;

/** The values that this program gives the charts, before those of the settings. */
export function programValues(args: ValuesSource): ChartValues {
  const { reissue } = args;
  return chartValues[args.distribution]({
    cluster: args.clusterName,
    platform: args.platform,
    network: args.network,
    trustDomain: args.trustDomain,
    hub: args.imageHub,
    tag: args.imageTag,
    variant: args.imageVariant,
    pinnedImages: args.pinnedImages,
    imagePullSecrets: args.pullSecrets?.map(({ name }) => name),
    ztunnelAnnotations: reissue === undefined ? undefined : { [reissueAnnotation]: reissue },
    license: args.license,
    licenseSecretRef: args.licenseSecretRef,
  });
}

function releases(args: AmbientMeshArgs, parent: pulumi.Resource): MakeRelease {
  const { namePrefix, reissue, beforeIstiod } = args;
  const values = programValues(args);
  return (chart, dependsOn) =>
    helmRelease(
      `${namePrefix}-${releaseNames[chart]}`,
      {
        cluster: args,
        name: releaseNames[chart],
        namespace: systemNamespace,
        chart: args.charts[chart],
        registry: args.chartRegistry,
        values: values[chart],
        ownValues: args.ownValues?.[chart],
        secrets: args.license === undefined ? [] : [args.license],
        ...(chart === "ztunnel" && reissue !== undefined && restart(args)),
        beforeCreate: chart === "istiod" && beforeIstiod ? [beforeIstiod] : [],
      },
      { parent, dependsOn },
    );
}

/** ztunnel restarts node by node, and each old one drains its connections for up to half a minute: many nodes take long. */
function restart(args: AmbientMeshArgs): Pick<HelmReleaseArgs, "beforeUpdate" | "timeoutSeconds"> {
  return { beforeUpdate: [waitForIstiodReload(`${args.namePrefix}-istiod-reload`, args)], timeoutSeconds: 3600 };
}
