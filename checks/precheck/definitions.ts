import type { Check, FindingCollector } from "../check";
import { awaitedDefinitions, readyFrom, unmetMinimum } from "../../settings";
import { type Cluster, forEachCluster, objects } from "../inventory";
import { kubectl } from "../remedies";

const gatewayGroup = "gateway.networking.k8s.io";

/** Definitions installed by others: Helm does not take them over, and the Gateway API has to be one that Istio can work with. */
export const definitions: Check = {
  id: "definitions",
  title: "Existing definitions do not conflict with the install",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      const all = await cluster.list("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", objects.Definition);
      const istio = all.filter(({ spec }) => spec.group.endsWith(".istio.io"));
      if (!mesh.expected.installed?.includes(cluster.name)) {
        checkIstio(cluster, istio, findings);
      }
      const gatewayApi = all.filter(({ spec }) => spec.group === gatewayGroup);
      checkGatewayApi(gatewayApi, mesh.expected.version, findings);
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

function checkIstio(cluster: Cluster, istio: readonly Definition[], findings: FindingCollector): void {
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
    "Helm does not take over objects of others. If nothing uses them, uninstall that Istio, and delete what is left: " +
      kubectl(cluster, "delete", "crd", ...istio.slice(0, 30).map(({ metadata }) => metadata.name)),
  );
}

/** @param istio Version of Istio to install; undefined if no settings say which. */
function checkGatewayApi(
  definitions: readonly Definition[],
  istio: string | undefined,
  findings: FindingCollector,
): void {
  // What every version waits for, if none is known.
  const awaited = awaitedDefinitions(istio ?? "1.28.0");
  for (const { metadata, spec } of definitions) {
    const bundle = metadata.annotations[`${gatewayGroup}/bundle-version`];
    if (awaited.includes(metadata.name) && !spec.versions.some(({ name, served }) => name === "v1" && served)) {
      findings.failed(
        `definition ${metadata.name} (Gateway API ${bundle ?? "of unknown release"}) does not serve version v1, which the mesh needs`,
        "Ask whoever manages it to upgrade it to the release that goes with Istio (docs/compatibility.md#gateway-api).",
      );
    }
    const unmet = istio === undefined ? undefined : unmetMinimum(metadata.name, bundle, istio);
    if (unmet !== undefined) {
      findings.warning(
        `Istio ${istio ?? ""} will ignore objects of kind ${unmet.kind}: definition ${metadata.name} is of ${bundle ?? "no stated release"}, and Istio ` +
          `needs ${unmet.release} or later`,
        "Ask whoever manages it to upgrade it, if anybody is to use that kind.",
      );
    }
  }
  checkReady(definitions, istio, findings);
}

/** istiod may wait forever where the Gateway API is newer than it knows. */
function checkReady(definitions: readonly Definition[], istio: string | undefined, findings: FindingCollector): void {
  const bundles = definitions.flatMap(({ metadata }) => metadata.annotations[`${gatewayGroup}/bundle-version`] ?? []);
  const newer = bundles.find((bundle) => istio !== undefined && readyFrom(istio, bundle) !== undefined);
  const versions = istio === undefined ? undefined : readyFrom(istio, newer);
  if (newer !== undefined && versions !== undefined) {
    findings.warning(
      `the Gateway API ${newer} came after Istio ${istio ?? ""}, whose istiod may never become ready with it (istio/istio#59443)`,
      `Set istioVersion to ${versions.join(", ")} or later. Do not install an older Gateway API over it.`,
    );
  }
}
