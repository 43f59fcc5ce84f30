import { IPv4 } from "ipaddr.js";
import { overlap, parseSubnet } from "../../settings";
import type { Finding } from "../check";
import type { Cluster } from "../inventory/index";

/** What a cluster really uses for its pods. */
export interface UsedSubnets {
  readonly cluster: string;
  /** IPv4 subnets of its nodes. */
  readonly nodes: readonly string[];
  /** IPv4 addresses of pods that have one of their own, with their paths. */
  readonly pods: ReadonlyMap<string, string>;
}

export async function usedSubnets(cluster: Cluster): Promise<UsedSubnets> {
  const [nodes, pods] = await Promise.all([cluster.nodes(), cluster.pods()]);
  return {
    cluster: cluster.name,
    nodes: nodes.flatMap(({ podSubnets }) => podSubnets.filter((subnet) => IPv4.isValidCIDR(subnet))),
    pods: new Map(
      pods.flatMap(({ spec, status, path }) =>
        spec.hostNetwork ? [] : status.podIPs.flatMap(({ ip }) => (IPv4.isValid(ip) ? [[ip, path] as const] : [])),
      ),
    ),
  };
}

/** A finding for every two clusters that use the same addresses: on a flat network an address is one pod's. */
export function sharedAddresses(all: readonly UsedSubnets[]): Finding[] {
  return all.flatMap((one, index) =>
    all.slice(index + 1).flatMap((other): Finding[] => {
      const what = shared(one, other);
      return what === undefined
        ? []
        : [
            {
              status: "failed",
              message: `clusters ${one.cluster} and ${other.cluster} both use ${what} for pods`,
              remedy: "Only one of them can be reached there: build one of the clusters with another pod subnet.",
            },
          ];
    }),
  );
}

function shared(one: UsedSubnets, other: UsedSubnets): string | undefined {
  for (const a of one.nodes) {
    const b = other.nodes.find((subnet) => overlap(parseSubnet(a), parseSubnet(subnet)));
    if (b !== undefined) {
      return a === b ? a : `${a} and ${b}`;
    }
  }
  const twice = [...one.pods].find(([address]) => other.pods.has(address));
  return twice && `${twice[0]} (pod ${twice[1]}, and pod ${other.pods.get(twice[0]) ?? ""} there)`;
}
