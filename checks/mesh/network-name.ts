import type { Check, Finding } from "../check";
import { type Cluster, forEachCluster, type Mesh, objects } from "../inventory";
import { eastWestGateways, networkLabel, peerGateways } from "./gateways";
import { istiodValues, ztunnels } from "./workloads";
import { mostCommon } from "./across-clusters";

/** A place where the name of a cluster's network is set. */
interface Place {
  readonly where: string;
  /** Undefined where it is not set. */
  readonly name: string | undefined;
  readonly remedy: string;
}

/** Peers are flat only where the network has the same name everywhere; otherwise calls silently stay local. */
export const networkName: Check = {
  id: "network-name",
  title: "The network has the same name in all five places",
  async run(mesh) {
    const places = new Map<string, readonly Place[]>();
    const findings = await forEachCluster(mesh, async (cluster, found) => {
      const all = await placesOf(cluster);
      places.set(cluster.name, all);
      for (const { where, remedy } of all.filter(({ name }) => name === undefined)) {
        found.failed(`${where} is missing`, remedy);
      }
    });
    return [...findings, ...compareNames(mesh, places)];
  },
};

/** Compares with the name in the settings, or, without one, with the name that most places have. */
function compareNames({ clusters, expected }: Mesh, places: ReadonlyMap<string, readonly Place[]>): Finding[] {
  const names = [...places.values()].flat().flatMap(({ name }) => (name === undefined ? [] : [name]));
  const right = expected.network ?? mostCommon(names);
  return clusters.flatMap(({ name: cluster }): Finding[] => {
    const all = places.get(cluster);
    if (all === undefined) {
      return [];
    }
    const wrong = all.filter(({ name }) => name !== undefined && name !== right);
    if (wrong.length === 0) {
      const count = all.filter(({ name }) => name !== undefined).length;
      return [{ status: "passed", cluster, message: `${right ?? "no network"} in ${String(count)} places` }];
    }
    return wrong.map(({ where, name = "", remedy }) => ({
      status: "failed",
      cluster,
      message: `${where} is ${name} instead of ${right ?? ""}`,
      remedy,
    }));
  });
}

async function placesOf(cluster: Cluster): Promise<Place[]> {
  const [namespace, values, daemons, eastWest, peers] = await Promise.all([
    cluster.get("/api/v1/namespaces/istio-system", objects.Namespace),
    istiodValues(cluster),
    ztunnels(cluster),
    eastWestGateways(cluster),
    peerGateways(cluster),
  ]);
  const again = "Run pulumi up, which corrects it (and reverts changes made by hand).";
  return [
    {
      where: `the label ${networkLabel} of namespace istio-system`,
      name: namespace?.metadata.labels[networkLabel],
      remedy: `${again} By hand: kubectl label namespace istio-system ${networkLabel}=… --overwrite`,
    },
    {
      where: "istiod's value global.network (ConfigMap istio-sidecar-injector)",
      name: values?.global.network || undefined,
      remedy: `${again} By hand: helm upgrade istiod … --reuse-values --set global.network=…`,
    },
    ...(daemons.length > 0 ? daemons : [undefined]).map((daemon) => ({
      where: `ztunnel's variable NETWORK (DaemonSet ${daemon?.path ?? "istio-system/ztunnel"})`,
      name: daemon && objects.variable(daemon, "NETWORK"),
      remedy: `${again} By hand: helm upgrade ztunnel … --reuse-values --set network=…`,
    })),
    ...[...eastWest, ...peers].map(({ path, metadata }) => ({
      where: `the label ${networkLabel} of Gateway ${path}`,
      name: metadata.labels[networkLabel],
      remedy: `${again} By hand: kubectl label gateway -n ${metadata.namespace} ${metadata.name} ${networkLabel}=… --overwrite`,
    })),
  ];
}
