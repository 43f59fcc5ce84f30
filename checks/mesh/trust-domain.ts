import { parse } from "yaml";
import { z } from "zod";
import type { Check, Finding } from "../check";
import { install, kubectl, putBack, putBackBy, putBackValues } from "../remedies";
import { type Cluster, forEachCluster, type Mesh, objects } from "../inventory";
import { clusterLabel, peerGateways } from "./gateways";
import { inMeshOrder, mostCommon } from "./across-clusters";

const annotation = "gateway.istio.io/trust-domain";

/** Istio's own default. */
const fallback = "cluster.local";

const MeshConfig = z.object({
  trustDomain: z
    .string()
    .nullish()
    .transform((name) => name || fallback),
});

/** A ConfigMap with a mesh's configuration: one for each istiod of a cluster, where it has several revisions. */
interface MeshConfigMap {
  readonly path: string;
  /** Undefined where it can't be read. */
  readonly trustDomain: string | undefined;
  /** The istiod of its namespace. */
  readonly istiod: objects.Deployment | undefined;
}

/** Names of workloads begin with the trust domain: with another one a peer's workloads are strangers. */
export const trustDomain: Check = {
  id: "trust-domain",
  title: "All clusters have the same trust domain, and so do the Gateways of their peers",
  async run(mesh) {
    const configs = new Map<Cluster, readonly MeshConfigMap[]>();
    const findings = await forEachCluster(mesh, async (cluster, own) => {
      const all = await configsOf(cluster);
      configs.set(cluster, all);
      if (all.length === 0) {
        own.failed("there is no ConfigMap istio with the mesh's configuration (key mesh)", install);
      }
      for (const { path } of all.filter((one) => one.trustDomain === undefined)) {
        own.failed(
          `ConfigMap ${path} has no readable configuration of a mesh (key mesh)`,
          `istiod keeps using what it had before. ${putBack}`,
        );
      }
    });
    const judged = compareTrustDomains(mesh, configs);
    // Those that could not be read have been reported already.
    const seen = { ...mesh, clusters: mesh.clusters.filter((cluster) => configs.has(cluster)) };
    const between = await forEachCluster(seen, async (cluster, own) => {
      for (const gateway of await peerGateways(cluster)) {
        const says = gateway.metadata.annotations[annotation];
        const peer = gateway.metadata.labels[clusterLabel] ?? "";
        const is = trustDomainOf(peer, configs) ?? mesh.expected.trustDomain;
        // A missing annotation is reported by the check of peers.
        if (says !== undefined && is !== undefined && says !== is) {
          own.failed(
            `the annotation ${annotation} of Gateway ${gateway.path} is ${says}, but the trust domain of ${peer} is ${is}`,
            putBackBy(
              kubectl(
                cluster,
                ...["annotate", "gateway", "-n", gateway.metadata.namespace, gateway.metadata.name],
                ...[`${annotation}=${is}`, "--overwrite"],
              ),
            ),
          );
        }
      }
    });
    return [...findings, ...judged, ...between];
  },
};

async function configsOf(cluster: Cluster): Promise<MeshConfigMap[]> {
  const istiods = await cluster.istiods();
  const namespaces = new Set(["istio-system", ...istiods.map(({ metadata }) => metadata.namespace)]);
  const configs = await Promise.all(
    [...namespaces].map((namespace) => cluster.list(`/api/v1/namespaces/${namespace}/configmaps`, objects.ConfigMap)),
  );
  return configs
    .flat()
    .filter(({ metadata, data }) => /^istio(-|$)/.test(metadata.name) && "mesh" in data)
    .map(({ metadata, data }) => ({
      path: `${metadata.namespace}/${metadata.name}`,
      istiod: istiods.find((one) => one.metadata.namespace === metadata.namespace),
      trustDomain: trustDomainIn(data["mesh"]),
    }));
}

function trustDomainIn(text = ""): string | undefined {
  try {
    return MeshConfig.safeParse(parse(text) ?? {}).data?.trustDomain;
  } catch {
    return undefined;
  }
}

/** The trust domain of a cluster of the mesh; undefined where it has none, or several. */
function trustDomainOf(name: string, configs: ReadonlyMap<Cluster, readonly MeshConfigMap[]>): string | undefined {
  const all = [...configs].flatMap(([cluster, own]) => (cluster.name === name ? own : []));
  const names = new Set(all.map((one) => one.trustDomain));
  return names.size === 1 ? [...names][0] : undefined;
}

/** Compares with the name in the settings, or, without one, with the name that most clusters have. */
function compareTrustDomains(mesh: Mesh, configs: ReadonlyMap<Cluster, readonly MeshConfigMap[]>): Finding[] {
  const all = inMeshOrder(mesh, configs);
  const domains = all.flatMap(([, own]) => own).flatMap((one) => one.trustDomain ?? []);
  const right = mesh.expected.trustDomain ?? mostCommon(domains);
  return all.flatMap(([owner, own]): Finding[] => {
    const cluster = owner.name;
    const wrong = own.filter((one) => one.trustDomain !== undefined && one.trustDomain !== right);
    if (wrong.length === 0) {
      const same = own.filter((one) => one.trustDomain !== undefined);
      return same.length > 0
        ? [{ status: "passed", cluster, message: `${right ?? ""} in ConfigMap ${paths(same)}` }]
        : [];
    }
    return wrong.map(({ path, trustDomain: is = "", istiod }) => ({
      status: "failed",
      cluster,
      message: `the trust domain in ConfigMap ${path} is ${is} instead of ${right ?? ""}`,
      remedy: `Workloads use it once their certificates are reissued. ${putBackValues(owner, istiod, `meshConfig.trustDomain=${right ?? ""}`)}`,
    }));
  });
}

function paths(all: readonly MeshConfigMap[]): string {
  return all.map(({ path }) => path).join(", ");
}
