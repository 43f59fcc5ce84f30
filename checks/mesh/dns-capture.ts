import type { Check } from "../check";
import { install, putBackValues } from "../remedies";
import { forEachCluster, objects } from "../inventory";
import { nodeAgents } from "./workloads";

const variable = "AMBIENT_DNS_CAPTURE";

/** ztunnel answers for the hosts of global services only where the CNI sends it the pods' questions. */
export const dnsCapture: Check = {
  id: "dns-capture",
  title: "DNS queries of pods reach ztunnel",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      // The CNI may be installed in a namespace of its own, under a revision's name.
      const maps = await cluster.list("/api/v1/configmaps", objects.ConfigMap);
      const configs = maps.filter(({ metadata }) => /^istio-cni-config(-|$)/.test(metadata.name));
      const all = await nodeAgents(cluster);
      const agents = all.filter((agent) => objects.variable(agent, variable) !== undefined);
      const settings = [
        ...configs.map(({ metadata, data }) => ({
          where: `ConfigMap ${metadata.namespace}/${metadata.name}`,
          value: data[variable],
        })),
        ...agents.map((agent) => ({ where: `DaemonSet ${agent.path}`, value: objects.variable(agent, variable) })),
      ];
      if (settings.length === 0) {
        findings.failed("there is no ConfigMap istio-cni-config: Istio's CNI is not installed", install);
      }
      for (const { where, value } of settings) {
        if (value?.toLowerCase() === "true") {
          findings.passed(`${where} has ${variable}=true`);
        } else {
          findings.failed(
            `${where} has ${variable} ${value === undefined ? "not set" : `"${value}"`}; it must be "true": hosts of global services don't resolve`,
            putBackValues(cluster, all[0], "ambient.dnsCapture=true"),
          );
        }
      }
    }),
};
