import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { clustersOf, nothingKnown } from "../unit/components/preflight";
import { releaseNames } from "../../components/mesh";
import { createPeering } from "../../components/peering";
import { provideTools, run as runProgram } from "../../rehearsal/tools";
import type { Settings } from "../../settings";
import { platforms } from "../../settings/clusters";
import { meshesIn } from "../unit/components/meshes";
import { type Inputs, type Recorded, run } from "../unit/components/mocks";
import { kind, parse } from "../unit/settings/config";
import { type Chart, type ChartName, chartNames, type Charts, progress } from "./charts";
import { isOf, type Kinds, type KubernetesObject, type Workload } from "./objects";

export const distributions = ["solo", "community"] as const;

/** The platforms that settings may name, and plain Kubernetes, which is none of them. */
export const allPlatforms = ["plain", ...platforms] as const;
export type Platform = (typeof allPlatforms)[number];

/** What the program puts into a cluster. */
export class Rendering {
  constructor(
    /** The values of each release, as the program gives them to Helm. */
    readonly values: Readonly<Record<ChartName, Inputs>>,
    /** The objects that the charts make of them. */
    readonly objects: readonly KubernetesObject[],
    /** The objects that the program makes without a chart. */
    readonly own: readonly KubernetesObject[],
  ) {}

  all<Kind extends keyof Kinds>(kind: Kind): readonly Kinds[Kind][] {
    return this.objects.filter((object) => isOf(kind, object));
  }

  /** The only object of a kind and name. */
  one<Kind extends keyof Kinds>(kind: Kind, name: string): Kinds[Kind] {
    const found = this.all(kind).filter(({ metadata }) => metadata.name === name);
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new Error(`${String(found.length)} objects ${kind} ${name} instead of one`);
    }
    return only;
  }

  get workloads(): readonly Workload[] {
    return [...this.all("Deployment"), ...this.all("DaemonSet")];
  }

  /** A key of a ConfigMap; empty where it has none. */
  text(configMap: string, key: string): string {
    return this.one("ConfigMap", configMap).data[key] ?? "";
  }
}

/** A cluster of every platform, each called like its platform, and a distribution's defaults. */
export function settingsOf(distribution: Settings["distribution"]): Settings {
  const clusters = allPlatforms.map((name) => kind(name, name === "plain" ? {} : { platform: name }));
  const community = { distribution, license: undefined, repoKey: undefined };
  return parse({ clusters, ...(distribution === "community" && community) });
}

/**
 * What the program puts into each cluster of the settings, by cluster. The program runs once, with mocks, and Helm renders the charts with
 * the values of its releases.
 */
export async function render(settings: Settings, charts: Charts): Promise<ReadonlyMap<string, Rendering>> {
  const { resources } = await run(() => {
    const meshes = meshesIn(clustersOf(settings), settings);
    createPeering({ settings, meshes, ...nothingKnown });
  });
  const helm = await Helm.open();
  try {
    const renderings = new Map<string, Rendering>();
    for (const { name, platform } of settings.clusters) {
      const inCluster = resources.filter(({ provider }) => provider.startsWith(`${name}-`));
      const releaseOf = (chart: ChartName): Inputs => releaseNamed(releaseNames[chart], inCluster);
      // One cluster's charts side by side, and no more: this runs on small machines, too.
      const objects = await Promise.all(
        chartNames.map((chart) => helm.template(charts[chart], releaseOf(chart), kubernetesOf(platform))),
      );
      const values = chartNames.map((chart) => [chart, releaseOf(chart)["values"]]);
      renderings.set(
        name,
        new Rendering(
          Object.fromEntries(values) as Record<ChartName, Inputs>,
          objects.flat(),
          inCluster
            .filter(({ inputs }) => "metadata" in inputs)
            .map(({ inputs }) => inputs as unknown as KubernetesObject),
        ),
      );
    }
    return renderings;
  } finally {
    await helm.close();
  }
}

function releaseNamed(name: string, resources: readonly Recorded[]): Inputs {
  const release = resources.find(({ type, inputs }) => type.endsWith(":Release") && inputs["name"] === name);
  if (release === undefined) {
    throw new Error(`no release ${name}`);
  }
  return release.inputs;
}

/** The version of an API server on a platform, which is what the CNI chart knows GKE by. */
function kubernetesOf(platform: string | undefined): string {
  const suffixes: Readonly<Record<string, string>> = { gke: "-gke.1829001", k3s: "+k3s1", k3d: "+k3s1" };
  return `v1.34.4${suffixes[platform ?? ""] ?? ""}`;
}

/** Helm, without a cluster. */
class Helm {
  /** Objects by their manifest: that of base has a megabyte of definitions, and is the same on every platform. */
  readonly #parsed = new Map<string, readonly KubernetesObject[]>();

  private constructor(
    private readonly program: string,
    private readonly folder: string,
  ) {}

  static async open(): Promise<Helm> {
    const { programs } = await provideTools(["helm"], progress);
    return new Helm(programs["helm"] ?? "helm", await mkdtemp(join(tmpdir(), "helm-values-")));
  }

  /** The objects that an install of a release makes. */
  async template({ folder }: Chart, release: Inputs, kubernetes: string): Promise<readonly KubernetesObject[]> {
    const { name, namespace, values } = release as { name: string; namespace: string; values: object };
    const file = join(this.folder, `${name}.json`);
    await writeFile(file, JSON.stringify(values));
    const options = ["--namespace", namespace, "--values", file, "--kube-version", kubernetes];
    const manifest = await runProgram(this.program, ["template", name, folder, ...options]);
    const objects = this.#parsed.get(manifest) ?? parsed(manifest);
    this.#parsed.set(manifest, objects);
    return objects;
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}

function parsed(manifest: string): readonly KubernetesObject[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      throw error;
    }
    // A template that makes nothing leaves an empty document.
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}
