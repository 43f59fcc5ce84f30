import type { Access } from "../../kubernetes";

/** Pulumi's type of a Helm release. */
export const releaseType = "kubernetes:helm.sh/v3:Release";

const pending = "status in (pending-install,pending-upgrade,pending-rollback)";

/**
 * Removes Helm's records of a release.
 *
 * @param every Finished ones as well as those of an attempt that was killed.
 */
export async function removeRecords(
  access: () => Promise<Access>,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  every: boolean,
): Promise<void> {
  // Loaded lazily: previews don't need it.
  const { CoreV1Api } = await import("@kubernetes/client-node");
  const config = await (await access()).config();
  await config.makeApiClient(CoreV1Api).deleteCollectionNamespacedSecret({
    namespace,
    labelSelector: ["owner=helm", `name=${name}`, ...(every ? [] : [pending])].join(","),
  });
}
