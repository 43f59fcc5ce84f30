import type { Check, FindingCollector } from "../check";
import { forEachCluster, objects } from "../inventory";

const gatewayGroup = "gateway.networking.k8s.io";

/** Definitions installed by others: Helm does not take them over, and the Gateway API has to serve v1. */
export const definitions: Check = {
  id: "definitions",
  title: "Existing definitions do not conflict with the install",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      const all = await cluster.list("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", objects.Definition);
      const istio = all.filter(({ spec }) => spec.group.endsWith(".istio.io"));
      if (!mesh.expected.installed?.includes(cluster.name)) {
        checkIstio(istio, findings);
      }
      const gatewayApi = all.filter(({ spec }) => spec.group === gatewayGroup);
      gatewayApi
        .filter(({ metadata }) => /^(gateways|gatewayclasses)\./.test(metadata.name))
        .forEach((definition) => {
          checkGatewayApi(definition, findings);
        });
      if (findings.list.length === 0) {
        findings.passed(
          gatewayApi.length > 0
            ? "the Gateway API is installed and serves v1"
            : "neither Istio's nor the Gateway API's definitions are installed",
        );
      }
    }),
};

type Definition = ReturnType<typeof objects.Definition.parse>;

function checkIstio(istio: readonly Definition[], findings: FindingCollector): void {
  if (istio.length === 0) {
    return;
  }
  const owners = new Set(
    istio.map(({ metadata: { annotations } }) => {
      const release = annotations["meta.helm.sh/release-name"];
      return release === undefined
        ? "an unknown owner"
        : `Helm release ${annotations["meta.helm.sh/release-namespace"] ?? ""}/${release}`;
    }),
  );
  findings.failed(
    `${String(istio.length)} of Istio's definitions are already installed, by ${[...owners].join(" and ")}, such as ${istio[0]?.metadata.name ?? ""}`,
    "If nothing uses them, uninstall that Istio, and delete what is left: kubectl delete crd <name>. Helm does not take over objects of others.",
  );
}

function checkGatewayApi({ metadata, spec }: Definition, findings: FindingCollector): void {
  const bundle = metadata.annotations[`${gatewayGroup}/bundle-version`] ?? "of unknown release";
  if (!spec.versions.some(({ name, served }) => name === "v1" && served)) {
    findings.failed(
      `definition ${metadata.name} (Gateway API ${bundle}) does not serve version v1, which the mesh needs`,
      "Ask whoever manages it to upgrade it to the release in the settings (gatewayApi.version).",
    );
  }
}
