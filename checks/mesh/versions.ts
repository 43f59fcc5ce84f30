import type { Check, Finding, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh, objects } from "../inventory";
import { helm, install, kubectl } from "../remedies";
import { eastWestGateways } from "./gateways";
import { type HelmRelease, helmRecords } from "./helm-releases";
import { inMeshOrder, mostCommon } from "./across-clusters";
import { nodeAgents, podsOf, ztunnels } from "./workloads";

/** The charts of a mesh: Istio's own, the one that contains them all, and the peering chart. */
const charts = new Set(["base", "istiod", "cni", "ztunnel", "ambient", "peering"]);

/** A workload of the mesh, with its main container. */
interface Part {
  readonly what: string;
  readonly kind: "Deployment" | "DaemonSet";
  readonly workload: objects.Deployment;
  readonly container: string;
}

/** Something that has a version, and where. */
interface Versioned {
  readonly where: string;
  readonly version: string;
  readonly remedy: string;
}

/** What one cluster has. */
interface Versions {
  readonly charts: readonly Versioned[];
  readonly images: readonly Versioned[];
}

/** Whether everything is of the version that was asked for: a half upgrade works until it does not. */
export const versions: Check = {
  id: "versions",
  title: "Charts and images have the settings' version, the same in all clusters",
  async run(mesh) {
    const installed = new Map<Cluster, Versions>();
    const findings = await forEachCluster(mesh, async (cluster, found) => {
      const parts = await partsOf(cluster);
      if (parts.length === 0) {
        found.failed("Istio is not installed: there is no istiod, CNI or ztunnel", install);
        return;
      }
      installed.set(cluster, {
        charts: await chartsOf(cluster, parts, found),
        images: parts.flatMap((part) => imageOf(cluster, part, found)),
      });
      await checkPods(cluster, parts, found);
    });
    return [
      ...findings,
      ...compareVersions(mesh, "charts", installed, ({ charts: own }) => own),
      ...compareVersions(mesh, "images", installed, ({ images }) => images),
    ];
  },
};

async function partsOf(cluster: Cluster): Promise<Part[]> {
  const [istiods, agents, tunnels, gateways, deployments] = await Promise.all([
    cluster.istiods(),
    nodeAgents(cluster),
    ztunnels(cluster),
    eastWestGateways(cluster),
    cluster.list("/apis/apps/v1/deployments", objects.Deployment),
  ]);
  const own = new Set(gateways.map(({ path }) => path));
  const ofGateways = deployments.filter(({ metadata, spec }) =>
    own.has(`${metadata.namespace}/${spec.template.metadata.labels["gateway.networking.k8s.io/gateway-name"] ?? ""}`),
  );
  const part = (what: string, kind: Part["kind"], container: string) => (workload: objects.Deployment) => ({
    what,
    kind,
    workload,
    container,
  });
  return [
    ...istiods.map(part("istiod", "Deployment", "discovery")),
    ...agents.map(part("the CNI node agent", "DaemonSet", "install-cni")),
    ...tunnels.map(part("ztunnel", "DaemonSet", "istio-proxy")),
    ...ofGateways.map(part("the east-west gateway", "Deployment", "istio-proxy")),
  ];
}

/** The image of a part's container; its only one where it is called otherwise. */
function imageIn(containers: readonly { readonly name: string; readonly image: string }[], name: string): string {
  return (containers.find((container) => container.name === name) ?? containers[0])?.image ?? "";
}

function imageOf(cluster: Cluster, { what, kind, workload, container }: Part, findings: FindingCollector): Versioned[] {
  const image = imageIn(workload.containers, container);
  const { version } = imageVersion(image);
  const where = `the image of ${what} (${kind} ${workload.path})`;
  // istiod's injector chooses the image of a gateway's pods: those are read instead.
  if (image === "auto") {
    return [];
  }
  if (version === undefined) {
    findings.notApplicable(`${where} does not state a version: ${image}`);
    return [];
  }
  return [
    {
      where,
      version,
      remedy: `Run pulumi up, which brings everything to the settings' version (${helm(cluster, "list", "-A")} shows which release has which).`,
    },
  ];
}

async function chartsOf(cluster: Cluster, parts: readonly Part[], findings: FindingCollector): Promise<Versioned[]> {
  const gateways = await eastWestGateways(cluster);
  const namespaces = new Set([
    "istio-system",
    ...[...parts.map(({ workload }) => workload), ...gateways].map(({ metadata }) => metadata.namespace),
  ]);
  const records = await Promise.all([...namespaces].map((namespace) => helmRecords(cluster, namespace)));
  for (const path of records.flatMap(({ unreadable }) => unreadable)) {
    findings.unknown(
      `Secret ${path} is not a readable record of a Helm release`,
      `Check whether Helm can read it: ${helm(cluster, "list", "--all", "--all-namespaces")}`,
    );
  }
  const releases = records.flatMap((record) => record.releases);
  const own = releases.filter(({ chart }) => charts.has(chart));
  for (const release of own.filter(({ status }) => status !== "deployed")) {
    findings.failed(
      `Helm release ${release.path} (chart ${release.chart}): its last revision, ${String(release.revision)}, is ${release.status}`,
      `Find out why: ${helm(cluster, "history", "-n", release.namespace, release.name)}. Then run pulumi up, which upgrades it again. Without the program: ${helm(cluster, "rollback", "-n", release.namespace, release.name, String(release.deployed))}`,
    );
  }
  await checkUnrecorded(cluster, parts, releases, findings);
  if (own.length === 0) {
    findings.notApplicable("no charts: Istio was not installed with Helm here");
  }
  return own.flatMap(({ path, chart, version }) =>
    version === undefined
      ? []
      : [
          {
            where: `the chart ${chart} (Helm release ${path})`,
            version: version.replace(/^v/, ""),
            remedy: "Run pulumi up, which brings every release to the settings' version.",
          },
        ],
  );
}

/** Workloads labelled by a Helm release that Helm does not know: its next upgrade would be refused. */
async function checkUnrecorded(
  cluster: Cluster,
  parts: readonly Part[],
  releases: readonly HelmRelease[],
  findings: FindingCollector,
): Promise<void> {
  for (const { kind, workload } of parts) {
    const { annotations } = workload.metadata;
    const name = annotations["meta.helm.sh/release-name"];
    const namespace = annotations["meta.helm.sh/release-namespace"] ?? workload.metadata.namespace;
    if (name === undefined || releases.some((release) => release.path === `${namespace}/${name}`)) {
      continue;
    }
    // Helm may also be configured to keep its records in ConfigMaps.
    const configs = await cluster.list(`/api/v1/namespaces/${namespace}/configmaps`, objects.ConfigMap);
    if (!configs.some(({ metadata: { labels } }) => labels["owner"] === "helm" && labels["name"] === name)) {
      findings.warning(
        `${kind} ${workload.path} was installed by Helm release ${namespace}/${name}, of which Helm has no record`,
        `Run pulumi up, which records it anew. What Helm knows: ${helm(cluster, "list", "--all", "-n", namespace)}`,
      );
    }
  }
}

/** Pods that do not run what their workload now specifies: a rollout that is unfinished, or stuck. */
async function checkPods(cluster: Cluster, parts: readonly Part[], findings: FindingCollector): Promise<void> {
  for (const { kind, workload, container } of parts) {
    const desired = imageIn(workload.containers, container);
    const pods = desired === "auto" ? [] : await podsOf(cluster, workload);
    for (const { path, spec } of pods) {
      // A mirror may stand before the name; tag and digest stay.
      const [is, should] = [imageIn(spec.containers, container), desired];
      if (imageVersion(is).exact !== imageVersion(should).exact) {
        findings.warning(
          `pod ${path} runs ${is}, while ${kind} ${workload.path} now specifies ${should}`,
          `Check how far its rollout is: ${kubectl(cluster, "rollout", "status", "-n", workload.metadata.namespace, `${kind.toLowerCase()}/${workload.metadata.name}`)}`,
        );
      }
    }
  }
}

/** Compares with the version in the settings, or, without one, with the most common version. */
function compareVersions(
  mesh: Mesh,
  kind: "charts" | "images",
  installed: ReadonlyMap<Cluster, Versions>,
  pick: (versions: Versions) => readonly Versioned[],
): Finding[] {
  const { expected } = mesh;
  const all = inMeshOrder(mesh, installed).map(([cluster, own]) => ({ cluster: cluster.name, own: pick(own) }));
  const right = expected.version ?? mostCommon(all.flatMap(({ own }) => own.map(({ version }) => version)));
  const than = expected.version === undefined ? ", as most have" : "";
  return all.flatMap(({ cluster, own }): Finding[] => {
    const wrong = own.filter(({ version }) => version !== right);
    if (own.length > 0 && wrong.length === 0) {
      return [{ status: "passed", cluster, message: `${String(own.length)} ${kind} of ${right ?? ""}` }];
    }
    return wrong.map(({ where, version, remedy }) => ({
      status: "failed",
      cluster,
      message: `${where} is ${version} instead of ${right ?? ""}${than}`,
      remedy,
    }));
  });
}

/** The version in an image's name. */
export interface ImageVersion {
  /** Tag and digest as they stand, `1.28.5-solo-distroless@sha256:…`; empty where there are none. */
  readonly exact: string;
  /** The tag without its variant, `1.28.5-solo`; undefined where there is none, such as beside a digest. */
  readonly version: string | undefined;
}

/** Variants that one version's images come in; several may follow one another. */
const variant = /-(distroless|debug|fips)$/;

/** Reads `registry:port/path/name:tag@digest`, of which only the name has to be there. */
export function imageVersion(image: string): ImageVersion {
  const [name = "", digest] = image.split("@");
  const [, tag] = /:([^:/]+)$/.exec(name) ?? [];
  let version = tag;
  while (version !== undefined && variant.test(version)) {
    version = version.replace(variant, "");
  }
  return { exact: [tag ?? "", ...(digest === undefined ? [] : [digest])].join("@"), version };
}
