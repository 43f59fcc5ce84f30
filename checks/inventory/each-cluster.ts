import { ZodError } from "zod";
import { Forbidden, reasonOf, Unreachable } from "../../kubernetes";
import { type Finding, FindingCollector } from "../check";
import { install } from "../remedies";
import type { Cluster } from "./cluster";
import type { Mesh } from "./mesh";
import { OutOfTime } from "./watch";

/**
 * Reads every cluster of a mesh, concurrently. One that does not answer is a finding, and the others are read nevertheless. Of one
 * that takes too long, what was found until then remains.
 */
export async function forEachCluster(
  { clusters, watch }: Pick<Mesh, "clusters" | "watch">,
  look: (cluster: Cluster, findings: FindingCollector) => Promise<void>,
): Promise<Finding[]> {
  const lists = await Promise.all(
    clusters.map(async (cluster) => {
      let ended = false;
      const findings = new FindingCollector(cluster.name, (finding) => {
        if (!ended) {
          watch?.found(finding);
        }
      });
      const looking = look(cluster, findings);
      try {
        await (watch?.bound(looking) ?? looking);
      } catch (error) {
        findings.unknown(...readFailure(error));
      }
      ended = true;
      return [...findings.list];
    }),
  );
  return lists.flat();
}

/** The same for the clusters of one distribution; for the others the check is not applicable. */
export function forEachClusterOf(
  mesh: Pick<Mesh, "clusters" | "watch">,
  distribution: "solo" | "community",
  look: (cluster: Cluster, findings: FindingCollector) => Promise<void>,
): Promise<Finding[]> {
  return forEachCluster(mesh, async (cluster, findings) => {
    const own = await cluster.distribution();
    if (own === undefined) {
      findings.failed("istiod is not installed (no Deployment has the label app=istiod)", install);
    } else if (own === distribution) {
      await look(cluster, findings);
    } else {
      findings.notApplicable(`the ${own} distribution does not have this`);
    }
  });
}

/** A message and a remedy for an error while a cluster was read. */
export function readFailure(error: unknown): [message: string, remedy: string] {
  if (error instanceof OutOfTime) {
    return [
      `not everything was looked at: the check ${error.message}, and has ended`,
      "See the check reachable and what else is reported of this cluster, mend that, and check again.",
    ];
  }
  if (error instanceof Forbidden) {
    return [
      `could not be read: the API server does not allow it: ${error.message}`,
      "Use a kubeconfig that may read everything in the cluster, forward ports to pods and run commands in them.",
    ];
  }
  if (error instanceof Unreachable) {
    return [
      `could not be read: ${error.message}`,
      "Make sure that the cluster runs and can be reached from here, and check again.",
    ];
  }
  if (error instanceof ZodError) {
    return [
      `could not be read: ${reasonOf(error)}`,
      "Check whether the API server serves the versions that Istio's documentation names for this release.",
    ];
  }
  return [
    `could not be read: ${reasonOf(error)}`,
    "This is a bug in the check: please report it, together with the objects that it reads in this cluster.",
  ];
}
