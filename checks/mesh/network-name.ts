import type { Check, Finding } from "../check";
import { kubectl, putBackBy, putBackValues } from "../remedies";
import { type Cluster, forEachCluster, type Mesh, objects } from "../inventory";
import { eastWestGateways, networkLabel, peerGateways } from "./gateways";
import { istiodValues, ztunnels } from "./workloads";
import { mostCommon } from "./across-clusters";

/** A place where the name of a cluster's network is set. */
interface Place {
  readonly where: string;
  /** Undefined where it is not set. */
  readonly name: string | undefined;
  /** What gives it a name. */
  readonly remedy: (right: string) => string;
}

/** Peers are flat only where the network has the same name everywhere; otherwise calls silently stay local. */
export const networkName: Check = {
  id: "network-name",
  title: "The network has the same name in all five places",
  async run(mesh) {
    const places = new Map<string, readonly Place[]>();
    const unread = await forEachCluster(mesh, async (cluster) => {
      places.set(cluster.name, await placesOf(cluster));
    });
    return [...unread, ...compareNames(mesh, places)];
  },
};

/** Compares with the name in the settings, or, without one, with the name that most places have. */
function compareNames({ clusters, expected }: Mesh, places: ReadonlyMap<string, readonly Place[]>): Finding[] {
  const names = [...places.values()].flat().flatMap(({ name }) => (name === undefined ? [] : [name]));
  const right = expected.network ?? mostCommon(names) ?? "";
  return clusters.flatMap(({ name: cluster }): Finding[] => {
    const all = places.get(cluster);
    if (all === undefined) {
      return [];
    }
    const wrong = all.filter(({ name }) => name !== right);
    if (wrong.length === 0) {
      return [{ status: "passed", cluster, message: `${right || "no network"} in ${String(all.length)} places` }];
    }
    return wrong.map(({ where, name, remedy }) => ({
      status: "failed",
      cluster,
      message: name === undefined ? `${where} is missing` : `${where} is ${name} instead of ${right}`,
      remedy: remedy(right || "NETWORK"),
    }));
  });
}

async function placesOf(cluster: Cluster): Promise<Place[]> {
  const [namespace, istiods, values, daemons, eastWest, peers] = await Promise.all([
    cluster.get("/api/v1/namespaces/istio-system", objects.Namespace),
    cluster.istiods(),
    istiodValues(cluster),
    ztunnels(cluster),
    eastWestGateways(cluster),
    peerGateways(cluster),
  ]);
  const labelled = (right: string, ...object: readonly string[]) =>
    putBackBy(kubectl(cluster, "label", ...object, `${networkLabel}=${right}`, "--overwrite"));
  return [
    {
      where: `the label ${networkLabel} of namespace istio-system`,
      name: namespace?.metadata.labels[networkLabel],
      remedy: (right) => labelled(right, "namespace", "istio-system"),
    },
    {
      where: "istiod's value global.network (ConfigMap istio-sidecar-injector)",
      name: values?.global.network || undefined,
      remedy: (right) => putBackValues(cluster, istiods[0], `global.network=${right}`),
    },
    ...(daemons.length > 0 ? daemons : [undefined]).map((daemon) => ({
      where: `ztunnel's variable NETWORK (DaemonSet ${daemon?.path ?? "istio-system/ztunnel"})`,
      name: daemon && objects.variable(daemon, "NETWORK"),
      remedy: (right: string) => putBackValues(cluster, daemon, `network=${right}`),
    })),
    ...[...eastWest, ...peers].map(({ path, metadata }) => ({
      where: `the label ${networkLabel} of Gateway ${path}`,
      name: metadata.labels[networkLabel],
      remedy: (right: string) => labelled(right, "gateway", "-n", metadata.namespace, metadata.name),
    })),
  ];
}
