import { compare, rcompare, valid } from "semver";
import { minimumReleases, unmetMinimum } from "../../settings";
import type { Check, Finding, FindingCollector } from "../check";
import { kubectl, putBackBy } from "../remedies";
import { inMeshOrder } from "./across-clusters";
import { type Cluster, forEachCluster, type Mesh, objects } from "../inventory";

const group = "gateway.networking.k8s.io";

/** The definitions without which no Gateway of the mesh can be there. */
const required = [`gateways.${group}`, `gatewayclasses.${group}`];

/** States the release that a definition is from. */
const annotation = `${group}/bundle-version`;

/** Whether the API of east-west and peer Gateways is installed, in a release that the mesh was written for. */
export const gatewayApi: Check = {
  id: "gateway-api",
  title: "The Gateway API is installed, in a single release no older than the settings'",
  async run(mesh) {
    const releases = new Map<Cluster, string>();
    const findings = await forEachCluster(mesh, async (cluster, found) => {
      const releasesOfDefinitions = await Promise.all(
        required.map((name) => checkDefinition(cluster, name, mesh, found)),
      );
      await Promise.all(minimumReleases.map(({ definition }) => checkMinimum(cluster, definition, mesh, found)));
      const versions = [...new Set(releasesOfDefinitions.flatMap((one) => one ?? []))].sort(compare);
      const [oldest] = versions;
      if (versions.length > 1) {
        found.warning(
          `its definitions come from several releases: ${versions.join(", ")}`,
          putBackBy(applied(cluster, mesh.expected.gatewayApi ?? versions.at(-1))),
        );
      }
      if (oldest !== undefined) {
        releases.set(cluster, oldest);
      }
    });
    return [...findings, ...differing(inMeshOrder(mesh, releases))];
  },
};

/** Returns the release of a definition; undefined if it does not state one. */
async function checkDefinition(
  cluster: Cluster,
  name: string,
  { expected }: Mesh,
  findings: FindingCollector,
): Promise<string | undefined> {
  const definition = await cluster.get(pathOf(name), objects.Definition);
  const install = putBackBy(applied(cluster, expected.gatewayApi));
  if (definition === undefined) {
    findings.failed(`the definition ${name} is missing`, install);
    return undefined;
  }
  const before = findings.list.length;
  const established = definition.status.conditions.find(({ type }) => type === "Established");
  if (established?.status !== "True") {
    findings.failed(
      `the definition ${name} is not Established${established?.message ? `: ${established.message}` : ""}`,
      `Find out why: ${kubectl(cluster, "describe", "customresourcedefinition", name)}. ${install}`,
    );
  }
  if (!definition.spec.versions.some((version) => version.name === "v1" && version.served)) {
    const served = definition.spec.versions.filter((version) => version.served).map((version) => version.name);
    findings.failed(
      `the definition ${name} does not serve v1, only ${served.join(", ") || "nothing"}: istiod does not see Gateways`,
      install,
    );
  }
  const release = definition.metadata.annotations[annotation];
  if (release === undefined || valid(release) === null) {
    findings.warning(
      `the definition ${name} does not state its release (annotation ${annotation}${release === undefined ? "" : ` is ${release}`})`,
      install,
    );
    return undefined;
  }
  const order = expected.gatewayApi === undefined ? 0 : compare(release, expected.gatewayApi);
  if (order < 0) {
    findings.failed(
      `the definition ${name} is of release ${release}, older than the settings' ${expected.gatewayApi ?? ""}`,
      `${install}. The program does not change definitions that it found in an existing cluster: there, whoever installed them has to upgrade them.`,
    );
  } else if (findings.list.length === before) {
    findings.passed(`${name} ${release}${order > 0 ? `, newer than the settings' ${expected.gatewayApi ?? ""}` : ""}`);
  }
  return release;
}

/** Istio ignores objects of kinds whose definitions are of an earlier release than it reads. */
async function checkMinimum(
  cluster: Cluster,
  name: string,
  { expected }: Mesh,
  findings: FindingCollector,
): Promise<void> {
  const definition = expected.version === undefined ? undefined : await cluster.get(pathOf(name), objects.Definition);
  const release = definition?.metadata.annotations[annotation];
  const unmet = definition && unmetMinimum(name, release, expected.version ?? "");
  if (unmet) {
    findings.warning(
      `Istio ${expected.version ?? ""} ignores objects of kind ${unmet.kind}: the definition ${name} is of ${release ?? "no stated release"}, and Istio needs ` +
        `${unmet.release} or later`,
      `Apply that release, or have whoever manages the definition do so: ${applied(cluster, unmet.release)}`,
    );
  }
}

/** How a release's definitions are applied by hand. */
function applied(cluster: Cluster, release = "RELEASE"): string {
  const url = `https://github.com/kubernetes-sigs/gateway-api/releases/download/${release}/standard-install.yaml`;
  return kubectl(cluster, "apply", "--server-side", "--force-conflicts", "-f", url);
}

function pathOf(name: string): string {
  return `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
}

function differing(releases: readonly (readonly [Cluster, string])[]): Finding[] {
  const [newest = ""] = releases.map(([, release]) => release).sort(rcompare);
  const behind = releases.filter(([, release]) => release !== newest);
  const texts = releases.map(([{ name }, release]) => `${name} has ${release}`);
  return new Set(releases.map(([, release]) => release)).size < 2
    ? []
    : [
        {
          status: "warning",
          message: `clusters have different releases of the Gateway API: ${texts.join(", ")}`,
          remedy: `Run pulumi up, which puts the stack's release back. Where somebody else manages them: ${behind.map(([cluster]) => applied(cluster, newest)).join("; ")}`,
        },
      ];
}
