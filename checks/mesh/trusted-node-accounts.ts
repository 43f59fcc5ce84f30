import type { Check } from "../check";
import { install, putBackValues } from "../remedies";
import { forEachCluster, objects } from "../inventory";
import { ztunnels } from "./workloads";

/** Variable of istiod: comma-separated `<namespace>/<name>` of service accounts. */
const variable = "CA_TRUSTED_NODE_ACCOUNTS";

/**
 * ztunnel asks istiod for the certificates of its node's workloads, and istiod issues them to these accounts alone, compared
 * letter by letter. One that is missing shows nowhere but in the logs, and in calls that fail.
 */
export const trustedNodeAccounts: Check = {
  id: "trusted-node-accounts",
  title: "istiod trusts the service account that ztunnel runs as",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      const [istiods, tunnels] = await Promise.all([cluster.istiods(), ztunnels(cluster)]);
      if (istiods.length === 0) {
        findings.failed("istiod is not installed (no Deployment has the label app=istiod)", install);
      }
      if (tunnels.length === 0) {
        findings.failed("ztunnel is not installed (no DaemonSet selects app=ztunnel)", install);
      }
      for (const istiod of istiods) {
        const trusted = objects.variable(istiod, variable);
        for (const { path, metadata, spec } of tunnels) {
          const name = spec.template.spec.serviceAccountName;
          const account = `${metadata.namespace}/${name}`;
          if (trusted?.split(",").includes(account)) {
            findings.passed(`Deployment ${istiod.path} trusts ${account}`);
          } else {
            findings.failed(
              `Deployment ${istiod.path} has ${variable} ${trusted === undefined ? "not set" : `"${trusted}"`}, without ` +
                `${account}, which DaemonSet ${path} runs as: it denies ztunnel the certificates of all workloads`,
              putBackValues(
                cluster,
                istiod,
                `trustedZtunnelNamespace=${metadata.namespace}`,
                `trustedZtunnelName=${name}`,
              ),
            );
          }
        }
      }
    }),
};
