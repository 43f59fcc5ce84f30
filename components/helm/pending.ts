import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Cluster, laterAccess } from "../clusters";

const Release = z.object({ name: z.string(), namespace: z.string() });

const pending = "status in (pending-install,pending-upgrade,pending-rollback)";

/**
 * Before a release is made or changed: removes the record of an attempt that was killed. Helm refuses a release whose last
 * revision is still pending ("another operation is in progress", "cannot re-use a name"), for ever, and nobody is at work on
 * it any more: the stack's lock has only one `up` at a time. A finished record that the stack knows nothing of was left by a
 * killed engine, in a cluster that the stack has made; elsewhere it is somebody's release, and stays.
 */
export function clearPending(release: string, cluster: Cluster): pulumi.ResourceHook {
  const access = laterAccess(cluster);
  return new pulumi.ResourceHook(`${release}-clear-pending`, async ({ newInputs, oldInputs }) => {
    const { name, namespace } = Release.parse(newInputs);
    const orphaned = oldInputs === undefined && cluster.madeBy !== undefined;
    // Loaded where it is needed: no preview needs it.
    const { CoreV1Api } = await import("@kubernetes/client-node");
    const config = await (await access()).config();
    await config.makeApiClient(CoreV1Api).deleteCollectionNamespacedSecret({
      namespace,
      labelSelector: ["owner=helm", `name=${name}`, ...(orphaned ? [] : [pending])].join(","),
    });
  });
}
