import { resourceKey, type StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import { failure, type Problem } from "../problems";

/**
 * Refuses `root: {existing: true}` while the state still has the Secrets that the stack created: they would be deleted under the
 * running mesh, and istiod would sign with a root of its own when it next starts.
 */
export function judgeHandover(clusters: readonly PlannedCluster[], state: StackState): readonly Problem[] {
  const own = clusters.filter(({ namePrefix }) =>
    state.has(resourceKey("kubernetes:core/v1:Secret", `${namePrefix}-cacerts`)),
  );
  return own.length === 0
    ? []
    : [
        failure(
          `root: {existing: true} would delete the Secret istio-system/cacerts that this stack created (clusters ` +
            `${own.map(({ name }) => name).join(", ")}), under the running mesh; nothing was changed. Hand it over: have this stack ` +
            "forget it without deleting it, by the commands in the section named below, and run pulumi up again; " +
            "whoever manages it from now on then overwrites it. (pulumi state delete does not work here: istiod depends on it.)",
          "docs/certificates.md#handing-cacerts-over",
        ),
      ];
}
