import type { Check } from "../check";
import { forEachCluster, objects } from "../inventory";
import { helm, kubectl } from "../remedies";

/** Two control planes in one cluster would fight over its pods. */
export const controlPlanes: Check = {
  id: "control-planes",
  title: "No other mesh is installed",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      if (mesh.expected.installed?.includes(cluster.name)) {
        findings.notApplicable("the stack's mesh is already installed here");
        return;
      }
      const [istiods, webhooks] = await Promise.all([
        cluster.istiods(),
        cluster.list("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", objects.Named),
      ]);
      for (const { path, metadata } of istiods) {
        const release = metadata.annotations["meta.helm.sh/release-name"];
        findings.failed(
          `an Istio control plane is already installed: Deployment ${path}`,
          release === undefined
            ? "Uninstall it, or remove the cluster from the settings."
            : `Uninstall it (${helm(cluster, "uninstall", release, "-n", metadata.annotations["meta.helm.sh/release-namespace"] ?? metadata.namespace)}), or remove the cluster from the settings.`,
        );
      }
      const injectors = webhooks.filter(({ metadata }) => metadata.name.startsWith("istio-sidecar-injector"));
      if (istiods.length === 0) {
        for (const { metadata } of injectors) {
          findings.failed(
            `webhook ${metadata.name} of Istio exists without an istiod behind it`,
            `It is left over: ${kubectl(cluster, "delete", "mutatingwebhookconfiguration", metadata.name)}`,
          );
        }
      }
      if (findings.list.length === 0) {
        findings.passed("no istiod, and none of its webhooks");
      }
    }),
};
