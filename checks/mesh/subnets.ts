import { IPv4 } from "ipaddr.js";
import type { Check, Finding, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh, objects } from "../inventory";
import { kubectl } from "../remedies";
import { overlap, parseSubnet } from "../../settings";

/** On a flat network an address is one pod's, and the settings have to match what the clusters really use. */
export const subnets: Check = {
  id: "subnets",
  title: "Pods use the configured subnets, and no two clusters share an address",
  async run(mesh) {
    const used: UsedSubnets[] = [];
    const findings = await forEachCluster(mesh, async (cluster, found) => {
      const own = await usedSubnets(cluster);
      used.push(own);
      checkPods(mesh, own, found);
      await checkServices(mesh, cluster, found);
      if (own.nodes.length === 0 && own.pods.size === 0) {
        found.unknown(
          "neither its nodes nor its pods have an IPv4 subnet",
          `Look at its nodes' spec.podCIDRs: ${kubectl(cluster, "get", "nodes", "-o", "yaml")}`,
        );
      } else if (found.list.length === 0) {
        found.passed(`${own.nodes.join(", ") || "no subnets of nodes"}; ${String(own.pods.size)} addresses of pods`);
      }
    });
    return [...findings, ...sharedAddresses(used)];
  },
};

function checkPods({ expected }: Mesh, { cluster, nodes, pods }: UsedSubnets, findings: FindingCollector): void {
  const given = expected.subnets?.[cluster]?.pods;
  if (given === undefined) {
    return;
  }
  const range = parseSubnet(given);
  const outside = (subnet: string) => {
    const { first, last } = parseSubnet(subnet);
    return first < range.first || last > range.last;
  };
  const remedy = `Set podSubnet in the settings to the subnet that the cluster really uses, or rebuild the cluster with ${given}: routes and the address plan rely on it.`;
  for (const subnet of nodes.filter(outside)) {
    findings.failed(`a node has ${subnet} for its pods, outside the cluster's ${given}`, remedy);
  }
  const [stray] = [...pods].filter(([address]) => outside(`${address}/32`));
  if (stray && !nodes.some(outside)) {
    findings.failed(`pod ${stray[1]} has ${stray[0]}, outside the cluster's ${given}`, remedy);
  }
}

async function checkServices({ expected }: Mesh, cluster: Cluster, findings: FindingCollector): Promise<void> {
  const given = expected.subnets?.[cluster.name]?.services;
  const service = await cluster.get("/api/v1/namespaces/default/services/kubernetes", objects.Service);
  const address = service?.spec.clusterIP ?? "";
  if (given !== undefined && IPv4.isValid(address) && !overlap(parseSubnet(given), parseSubnet(`${address}/32`))) {
    findings.failed(
      `services have addresses such as ${address}, outside the cluster's ${given}`,
      "Set serviceSubnet in the settings to the subnet that the cluster really uses, or rebuild the cluster with that one.",
    );
  }
}

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
              remedy:
                "Only one of them can be reached at such an address: rebuild one of the clusters with another pod subnet.",
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
