import { at, entries, isMap, kindOf, list, missing, type Resource, text, type Value } from "../../state";
import { type Carried, findObject, nothing, objectsOf, speaksOfMesh, type Target, together } from "./content";
import { releaseOf, setValues, valuesAt } from "./helm";

const k3s = "helm.cattle.io";

/** Rancher: what k3s and RKE2 install, and what Fleet brings to many clusters. */
export function ofRancher(carrier: Resource, among: readonly Resource[]): Carried {
  const { group, kind } = kindOf(carrier) ?? {};
  if (group === k3s && kind === "HelmChart") {
    return ofHelmChart(carrier, among);
  }
  if (group !== "fleet.cattle.io") {
    return nothing;
  }
  const { inputs } = carrier;
  const name = text(inputs, "metadata", "name");
  switch (kind) {
    case "Bundle":
      return together([
        ofFleetHelm(carrier),
        ...list(inputs, "spec", "resources").map((one, index) =>
          ofFile(one, `spec.resources[${String(index)}]`, carrier),
        ),
      ]);
    case "HelmOp":
      return ofFleetHelm(carrier);
    case "GitRepo":
      return speaksOfMesh(name, text(inputs, "spec", "repo"), ...list(inputs, "spec", "paths"))
        ? { contents: [], unread: ["takes what it brings from a repository (spec.repo)"] }
        : nothing;
    default:
      return nothing;
  }
}

function ofHelmChart(carrier: Resource, among: readonly Resource[]): Carried {
  const { inputs } = carrier;
  const spec = at(inputs, "spec");
  const name = text(inputs, "metadata", "name") ?? "";
  // Changes the values of the chart that is called like it.
  const namespace = text(inputs, "metadata", "namespace");
  const changes = findObject(among, carrier, { group: k3s, kind: "HelmChartConfig", name, namespace });
  return releaseOf({
    path: "spec",
    chart: at(spec, "chart"),
    repository: at(spec, "repo"),
    version: at(spec, "version"),
    name: at(inputs, "metadata", "name"),
    namespace: at(spec, "targetNamespace") ?? at(inputs, "metadata", "namespace"),
    values: [
      valuesAt(at(spec, "values"), "spec.values"),
      valuesAt(at(spec, "valuesContent"), "spec.valuesContent"),
      valuesAt(at(changes?.inputs, "spec", "valuesContent"), `spec.valuesContent of HelmChartConfig ${name}`),
      setValues(entries(spec, "set").map(([key, value]) => ({ name: key, value, asText: false }))),
    ],
    unread: [
      ...list(spec, "valuesSecrets").map(
        (one) => `takes values from Secret ${text(one, "name") ?? ""} (spec.valuesSecrets)`,
      ),
      ...(missing(at(spec, "chartContent")) ? [] : ["has its chart in itself (spec.chartContent)"]),
    ],
  });
}

/** The Helm options of a Bundle and a HelmOp, which several clusters may have. */
function ofFleetHelm(carrier: Resource): Carried {
  const spec = at(carrier.inputs, "spec");
  const helm = at(spec, "helm");
  if (!isMap(helm)) {
    return nothing;
  }
  const changed = [...list(spec, "targets"), ...list(spec, "targetCustomizations")].some(
    (one) => !missing(at(one, "helm")),
  );
  return releaseOf({
    path: "spec.helm",
    chart: at(helm, "chart"),
    repository: at(helm, "repo"),
    version: at(helm, "version"),
    name: at(helm, "releaseName") ?? at(carrier.inputs, "metadata", "name"),
    namespace: at(spec, "namespace") ?? at(spec, "targetNamespace") ?? at(spec, "defaultNamespace"),
    values: [valuesAt(at(helm, "values"), "spec.helm.values", true)],
    cluster: targets(carrier),
    unread: [
      ...list(helm, "valuesFrom").map(
        (_one, index) => `takes values from an object (spec.helm.valuesFrom[${String(index)}])`,
      ),
      ...list(helm, "valuesFiles").map(
        (file) => `takes values from the file ${text(file) ?? ""} (spec.helm.valuesFiles)`,
      ),
      ...(changed ? ["has other values for some of its targets (spec.targets)"] : []),
    ],
  });
}

/** Bundles with the same targets are in the same clusters. */
function targets(carrier: Resource): Target {
  const name = text(carrier.inputs, "metadata", "name") ?? carrier.name;
  return { id: `targets ${JSON.stringify(at(carrier.inputs, "spec", "targets") ?? null)}`, name: `of bundle ${name}` };
}

/** A file of manifests, unless it is compressed. */
function ofFile(file: Value, path: string, carrier: Resource): Carried {
  const content = at(file, "content");
  const name = text(file, "name") ?? "";
  if (
    missing(at(file, "encoding")) &&
    typeof content === "string" &&
    /\.ya?ml$|^$/.test(name) &&
    content.includes("kind:")
  ) {
    return objectsOf(content, `${path}.content`, { cluster: targets(carrier) });
  }
  return speaksOfMesh(name) ? { contents: [], unread: [`has the compressed file ${name} (${path})`] } : nothing;
}
