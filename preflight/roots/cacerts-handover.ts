import { PreconditionError, type Settings } from "../../settings/index";
import { scopeOf } from "../../components/clusters/index";
import { ownResources, resourceKey } from "../../stacks/engine";

/**
 * Refuses to leave the certificates to somebody else while the stack still has the Secrets that it has made: it would delete
 * them under the running mesh, and istiod would sign with a root of its own when it next starts.
 *
 * @throws PreconditionError with the way to hand them over.
 */
export async function checkHandOver({ clusters }: Pick<Settings, "clusters">): Promise<void> {
  const state = await ownResources();
  const held = clusters.filter((cluster) =>
    state.has(resourceKey("kubernetes:core/v1:Secret", `${scopeOf(cluster)}-cacerts`)),
  );
  if (held.length > 0) {
    throw new PreconditionError(
      `root: {existing: true} would delete the Secret istio-system/cacerts that this stack has made (clusters ` +
        `${held.map(({ name }) => name).join(", ")}), under the running mesh; nothing was changed. Hand it over: have this stack ` +
        "forget it without deleting it, by the commands in the section named below, and run pulumi up again; " +
        "whoever keeps it from now on writes over it then. (pulumi state delete does not do: istiod depends on it.)",
      "docs/certificates.md#handing-cacerts-over",
    );
  }
}
