import { overlap, parseSubnet } from "../../settings";
import type { Check } from "../check";
import { forEachCluster } from "../inventory";
import { sharedAddresses, type UsedSubnets, usedSubnets } from "../mesh/subnets";

/** Clusters that are to share a flat network may not use the same addresses, whether they are there or planned. */
export const freeSubnets: Check = {
  id: "subnets",
  title: "No two clusters use the same addresses for pods",
  async run(mesh) {
    const used: UsedSubnets[] = [];
    const findings = await forEachCluster(mesh, async (cluster, found) => {
      const own = await usedSubnets(cluster);
      used.push(own);
      const given = mesh.expected.subnets?.[cluster.name]?.pods;
      const all = [...own.nodes];
      if (given !== undefined && all.some((subnet) => !overlap(parseSubnet(subnet), parseSubnet(given)))) {
        found.failed(
          `its nodes have ${all.join(", ")} for pods, but the settings say ${given}`,
          "Set podSubnet in the settings to the subnet that the cluster really uses.",
        );
      } else {
        found.passed(`${all.join(", ") || "no subnets of nodes"}; ${String(own.pods.size)} addresses of pods`);
      }
    });
    const there = new Set(mesh.clusters.map(({ name }) => name));
    const planned = Object.entries(mesh.expected.subnets ?? {}).flatMap(([cluster, { pods }]) =>
      there.has(cluster) || pods === undefined ? [] : [{ cluster, nodes: [pods], pods: new Map<string, string>() }],
    );
    return [...findings, ...sharedAddresses([...used, ...planned])];
  },
};
