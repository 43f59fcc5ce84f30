import type { Check } from "../check";
import { forEachCluster } from "../inventory";
import { kubectl } from "../remedies";
import { Forbidden, Unreachable } from "../../kubernetes";

/** Whether the API servers answer, and let this user read. */
export const reachable: Check = {
  id: "reachable",
  title: "Every API server answers",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      try {
        const nodes = await cluster.nodes();
        if (nodes.length === 0) {
          findings.failed("it has no nodes", "Nothing can run without nodes: add some to the cluster.");
          return;
        }
        findings.passed(`answers, with ${String(nodes.length)} ${nodes.length === 1 ? "node" : "nodes"}`);
        for (const { name } of nodes.filter((node) => !node.ready)) {
          findings.failed(
            `node ${name} is not Ready`,
            `Find out why: ${kubectl(cluster, "describe", "node", name)}. Pods of the mesh on it do not answer.`,
          );
        }
      } catch (error) {
        if (error instanceof Unreachable || error instanceof Forbidden) {
          findings.failed(
            `can't be read: ${error.message}`,
            "Make sure that the cluster runs and that the kubeconfig is right. If the cluster is gone for good, remove it from the settings and run pulumi up, which repairs the others.",
          );
          return;
        }
        throw error;
      }
    }),
};
