import type { Check } from "../check";
import { forEachCluster } from "../inventory";
import { Forbidden, Unreachable } from "../../kubernetes";

/** Whether the API servers answer, and let this user look. */
export const reachable: Check = {
  id: "reachable",
  title: "Every API server answers",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      try {
        const nodes = await cluster.nodes();
        if (nodes.length === 0) {
          findings.failed("it has no nodes", "Nothing can run without: add nodes to the cluster.");
          return;
        }
        findings.passed(`answers, with ${String(nodes.length)} ${nodes.length === 1 ? "node" : "nodes"}`);
        for (const { name } of nodes.filter((node) => !node.ready)) {
          findings.failed(
            `node ${name} is not Ready`,
            `See why: kubectl describe node ${name}. Pods of the mesh on it answer nobody.`,
          );
        }
      } catch (error) {
        if (error instanceof Unreachable || error instanceof Forbidden) {
          findings.failed(
            `can't be looked at: ${error.message}`,
            "See that the cluster runs and that the kubeconfig fits. One that is gone for good: take it out of the settings and run pulumi up, which heals the others.",
          );
          return;
        }
        throw error;
      }
    }),
};
