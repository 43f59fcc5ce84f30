import type { Check, Finding } from "../check";
import { kubectl, putBackBy, putBackValues } from "../remedies";
import { type Cluster, forEachCluster, objects } from "../inventory";
import { clusterLabel, eastWestGateways } from "./gateways";
import { inMeshOrder } from "./across-clusters";
import { istiodValues, ztunnels } from "./workloads";

/** A place where the name of a cluster is set. */
interface Place {
  readonly where: string;
  /** Undefined where it is not set. */
  readonly name: string | undefined;
  readonly remedy: string;
}

/** Peers are told apart by their names: with a wrong one, a cluster's pods count as another's, or as nobody's. */
export const clusterNames: Check = {
  id: "cluster-names",
  title: "Every cluster has its own name wherever the name is set, and no two clusters share one",
  async run(mesh) {
    const named = new Map<Cluster, string>();
    const findings = await forEachCluster(mesh, async (cluster, found) => {
      const places = await placesOf(cluster);
      const wrong = places.filter(({ name }) => name !== cluster.name);
      for (const { where, name, remedy } of wrong) {
        found.failed(
          name === undefined
            ? `${where} is missing; it should be ${cluster.name}`
            : `${where} is ${name} instead of ${cluster.name}`,
          remedy,
        );
      }
      if (wrong.length === 0) {
        found.passed(`${cluster.name} in ${String(places.length)} places`);
      }
      const [istiod] = places;
      if (istiod?.name !== undefined) {
        named.set(cluster, istiod.name);
      }
    });
    return [...findings, ...shared(inMeshOrder(mesh, named))];
  },
};

async function placesOf(cluster: Cluster): Promise<Place[]> {
  const [istiods, values, daemons, gateways] = await Promise.all([
    cluster.istiods(),
    istiodValues(cluster),
    ztunnels(cluster),
    eastWestGateways(cluster),
  ]);
  const ofIstiod = (istiod: objects.Deployment | undefined) =>
    putBackValues(cluster, istiod, `global.multiCluster.clusterName=${cluster.name}`);
  return [
    ...orNone(istiods).map((istiod) => ({
      where: `istiod's variable CLUSTER_ID (Deployment ${istiod?.path ?? "istio-system/istiod"})`,
      name: istiod && objects.variable(istiod, "CLUSTER_ID"),
      remedy: ofIstiod(istiod),
    })),
    {
      where: "istiod's value global.multiCluster.clusterName (ConfigMap istio-sidecar-injector)",
      name: values?.global.multiCluster.clusterName || undefined,
      remedy: ofIstiod(istiods[0]),
    },
    ...orNone(daemons).flatMap((daemon) => ztunnelPlaces(cluster, daemon)),
    ...gateways
      // Gateways of upstream's class need no label: clusters are not discovered through them.
      .filter(({ spec, metadata }) => spec.gatewayClassName === "istio-eastwest" || clusterLabel in metadata.labels)
      .map(({ path, metadata }) => ({
        where: `the label ${clusterLabel} of Gateway ${path}`,
        name: metadata.labels[clusterLabel],
        remedy: putBackBy(
          kubectl(
            cluster,
            ...["label", "gateway", "-n", metadata.namespace, metadata.name],
            ...[`${clusterLabel}=${cluster.name}`, "--overwrite"],
          ),
        ),
      })),
  ];
}

/** ztunnel takes the first of two variables that it finds; the charts set the first. */
function ztunnelPlaces(cluster: Cluster, daemon: objects.DaemonSet | undefined): Place[] {
  const names = ["ISTIO_META_CLUSTER_ID", "CLUSTER_ID"];
  const set = names.filter((name) => daemon && objects.variable(daemon, name) !== undefined);
  return (set.length > 0 ? set : names.slice(0, 1)).map((name) => ({
    where: `ztunnel's variable ${name} (DaemonSet ${daemon?.path ?? "istio-system/ztunnel"})`,
    name: daemon && objects.variable(daemon, name),
    remedy: putBackValues(cluster, daemon, `multiCluster.clusterName=${cluster.name}`),
  }));
}

/** An undefined item where there should be at least one. */
function orNone<Item>(items: readonly Item[]): readonly (Item | undefined)[] {
  return items.length > 0 ? items : [undefined];
}

/** Clusters whose istiods have the same name, identified by their contexts. */
function shared(named: readonly (readonly [Cluster, string])[]): Finding[] {
  const byName = new Map<string, string[]>();
  for (const [{ name: own, access }, name] of named) {
    byName.set(name, [...(byName.get(name) ?? []), access?.context ?? own]);
  }
  return [...byName]
    .filter(([, contexts]) => contexts.length > 1)
    .map(([name, contexts]) => ({
      status: "failed",
      message: `the clusters of contexts ${contexts.join(" and ")} both have the name ${name} in their istiods`,
      remedy:
        "Peers treat two clusters of the same name as one. If a stack made them, run pulumi up, which puts their names back; else install one of " +
        "the two under another name. If they are the same cluster, name only one of the contexts.",
    }));
}
