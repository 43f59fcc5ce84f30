import { type OtherPods, readOr, subnetsInUse } from "../../readiness";
import type { PeerOutputs } from "../../stacks/peer-outputs";
import type { PlannedCluster } from "../cluster-plan";
import { type Datum, valueOf } from "../datum";
import type { Inventories } from ".";

/** The pods of every cluster of the stack and of its peers, as far as settings, clusters and peers' outputs tell their subnets. */
export function podsOfAll(
  clusters: readonly PlannedCluster[],
  inventories: Inventories,
  peers: ReadonlyMap<string, Datum<PeerOutputs>>,
): OtherPods[] {
  const own = clusters.map(({ name, settings: { podSubnet } }) => {
    const { facts } = inventories.get(name) ?? {};
    const nodes = facts === undefined ? [] : readOr(facts.nodes, { items: [], count: 0 }).items;
    const pods = facts === undefined ? [] : readOr(facts.pods, []);
    const seen = () =>
      subnetsInUse(
        nodes.flatMap(({ podSubnets }) => podSubnets),
        pods.flatMap(({ addresses }) => addresses),
      );
    return { cluster: name, subnets: podSubnet === undefined ? seen() : [podSubnet] };
  });
  const others = [...peers.values()].flatMap((peer) =>
    (valueOf(peer)?.clusters ?? []).map(({ name, podSubnet }) => ({
      cluster: name,
      subnets: podSubnet === undefined ? [] : [podSubnet],
    })),
  );
  return [...own, ...others];
}
