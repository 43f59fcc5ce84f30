import { z } from "zod";
import { Forbidden, reasonOf, runInNode, Unreachable } from "../../kubernetes";
import { judgeMasquerading, type OtherPods, readMasquerading, subnetsInUse } from "../../readiness";
import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh } from "../inventory";
import { kubectl } from "../remedies";
import { type InNode, nodeContainerOf } from "./node-connections";
import { usedSubnets } from "./subnets";

/** What this program's script in a kind node says of the rules by which its pods keep their addresses; nothing where there is none. */
const script = "[ ! -e /kind/flatmesh-network/run.sh ] || sh /kind/flatmesh-network/run.sh check";

/**
 * Whether pods are seen by their own addresses in the other clusters, by what is set in the cluster: calls arrive without that, but
 * network policies with ipBlock, and logs, see a node. What pods really are seen by is for pod-matrix.
 *
 * @param inNode Set in tests: what stands for the container engine.
 */
export function sourceAddressesBy(inNode: InNode): Check {
  return {
    id: "source-addresses",
    title: "Nothing that is set in a cluster hides the addresses of its pods from the other clusters",
    async run(mesh) {
      const pods = await podsOfAll(mesh);
      return forEachCluster(mesh, async (cluster, findings) => {
        const others = pods.filter((one) => one.cluster !== cluster.name);
        if (others.length === 0) {
          findings.notApplicable("there is no other cluster in this mesh");
          return;
        }
        for (const { cluster: name, subnets } of others) {
          if (subnets.length === 0) {
            findings
              .between(name)
              .notApplicable(`to ${name}: the subnets of its pods are not known; podSubnet in the settings says them`);
          }
        }
        const kindNodes = await askNodes(cluster, inNode, findings);
        const masquerading = await readMasquerading({
          get: (path) => cluster.get(path, z.unknown()),
          items: (path) => cluster.list(path, z.unknown()),
        });
        const daemons = masquerading.daemons.filter(({ name }) => name !== "kindnet" || kindNodes === "without rules");
        const [own] = pods.filter((one) => one.cluster === cluster.name);
        const { found, hides } = judgeMasquerading(
          { ...masquerading, daemons },
          { pods: own?.subnets[0], others },
          (...words) => kubectl(cluster, ...words),
        );
        for (const { message, remedy } of hides) {
          findings.warning(message, remedy);
        }
        if (hides.length === 0 && found.length > 0) {
          findings.passed(
            `${found.join(", ")}: spares the pods of the other clusters, as far as their subnets are known`,
          );
        } else if (findings.list.every(({ status }) => status === "notApplicable")) {
          findings.notApplicable("it has nothing that is known to masquerade what pods send");
        }
      });
    },
  };
}

export const sourceAddresses = sourceAddressesBy(runInNode);

/** Pods of every cluster: as the settings say, or as the clusters themselves have them. */
async function podsOfAll({ clusters, expected }: Mesh): Promise<OtherPods[]> {
  const given = (name: string) => expected.subnets?.[name]?.pods;
  const there = clusters.map(async (cluster) => {
    const pods = given(cluster.name);
    return { cluster: cluster.name, subnets: pods === undefined ? await inUse(cluster) : [pods] };
  });
  const planned = Object.keys(expected.subnets ?? {}).filter((name) => !clusters.some((one) => one.name === name));
  return [
    ...(await Promise.all(there)),
    ...planned.map((cluster) => ({ cluster, subnets: [given(cluster) ?? []].flat() })),
  ];
}

async function inUse(cluster: Cluster): Promise<string[]> {
  try {
    const { nodes, pods } = await usedSubnets(cluster);
    return subnetsInUse(nodes, [...pods.keys()]);
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Forbidden || error instanceof z.ZodError) {
      // That cluster's own finding says so.
      return [];
    }
    throw error;
  }
}

/** Looks whether kind nodes on this machine spare other clusters by this program's rules, which come before kindnet's. */
async function askNodes(
  cluster: Cluster,
  inNode: InNode,
  findings: FindingCollector,
): Promise<"without rules" | "decided"> {
  const nodes = (await cluster.nodes()).flatMap((node) => nodeContainerOf(node) ?? []);
  const said = await Promise.all(
    nodes.map(async (node) => {
      try {
        return { node: node.node, rules: await inNode(node, ["sh", "-c", script]) };
      } catch (error) {
        return { node: node.node, rules: `rules unknown: ${reasonOf(error)}` };
      }
    }),
  );
  const of = (mark: string) => said.flatMap(({ node, rules }) => (rules?.includes(mark) === true ? [node] : []));
  const [intact, changed, unknown] = [of("rules intact"), of("rules changed"), of("rules unknown")];
  const elsewhere = said.flatMap(({ node, rules }) => (rules === undefined ? [node] : []));
  if (changed.length > 0) {
    findings.warning(
      `node ${changed.join(", ")}: the rules by which its pods keep their addresses on the way to other clusters are missing, or have changed`,
      "Run pulumi up, which puts the rules back.",
    );
  }
  if (intact.length > 0 && intact.length + elsewhere.length === said.length) {
    findings.passed(`node ${intact.join(", ")}: has the rules by which its pods keep their addresses`);
  }
  if (unknown.length > 0 || elsewhere.length > 0) {
    findings.notObservable(
      `node ${[...unknown, ...elsewhere].join(", ")}: its rules can't be read from here (pod-matrix shows what addresses pods are seen by)`,
    );
  }
  return said.every(({ rules }) => rules?.includes("rules ") !== true || rules.includes("rules absent")) &&
    elsewhere.length === 0
    ? "without rules"
    : "decided";
}
