import { at, isMap, kindOf, list, missing, type Resource, text, type Value } from "../../state";
import { type Carried, nothing, objectIn, objectsOf, type Target, together } from "./content";
import { releaseOf, type Setting, setValues, valuesAt } from "./helm";

/** Crossplane's providers of Helm and Kubernetes, by the cluster that their configuration names. */
export function ofCrossplane(carrier: Resource): Carried {
  const { group, kind } = kindOf(carrier) ?? {};
  const spec = at(carrier.inputs, "spec");
  const name = text(spec, "providerConfigRef", "name") ?? "default";
  const cluster: Target = { id: `provider ${name}`, name };
  const wanted = at(spec, "forProvider");
  const outlives = text(spec, "deletionPolicy") === "Orphan";
  if (group === "kubernetes.crossplane.io" && kind === "Object") {
    return {
      contents: objectIn(at(wanted, "manifest") ?? null, "spec.forProvider.manifest", { cluster, outlives }),
      unread: [],
    };
  }
  if (group !== "helm.crossplane.io" || kind !== "Release") {
    return nothing;
  }
  return releaseOf({
    path: "spec.forProvider",
    chart: at(wanted, "chart", "url") ?? at(wanted, "chart", "name"),
    repository: at(wanted, "chart", "repository"),
    version: at(wanted, "chart", "version"),
    name:
      at(carrier.inputs, "metadata", "annotations", "crossplane.io/external-name") ??
      at(carrier.inputs, "metadata", "name"),
    namespace: at(wanted, "namespace"),
    values: [valuesAt(at(wanted, "values"), "spec.forProvider.values"), setValues(settings(list(wanted, "set")))],
    cluster,
    outlives,
    unread: list(wanted, "valuesFrom").map(
      (_one, index) => `takes values from an object (spec.forProvider.valuesFrom[${String(index)}])`,
    ),
  });
}

/** The Helm add-on of Cluster API, whose values are a template by cluster. */
export function ofClusterApi(carrier: Resource): Carried {
  const { group, kind } = kindOf(carrier) ?? {};
  const spec = at(carrier.inputs, "spec");
  return group !== "addons.cluster.x-k8s.io" || kind !== "HelmChartProxy"
    ? nothing
    : releaseOf({
        path: "spec",
        chart: at(spec, "chartName"),
        repository: at(spec, "repoURL"),
        version: at(spec, "version"),
        name: at(spec, "releaseName") ?? at(carrier.inputs, "metadata", "name"),
        namespace: at(spec, "namespace"),
        values: [valuesAt(at(spec, "valuesTemplate"), "spec.valuesTemplate", true)],
        cluster: selected(at(spec, "clusterSelector"), carrier),
        unread: [],
      });
}

/** Sveltos: charts for the clusters that a profile selects. */
export function ofSveltos(carrier: Resource): Carried {
  const { group, kind } = kindOf(carrier) ?? {};
  const spec = at(carrier.inputs, "spec");
  return group !== "config.projectsveltos.io" || !/^(Cluster)?Profile$/.test(kind ?? "")
    ? nothing
    : together(
        list(spec, "helmCharts").map((chart, index) => {
          const path = `spec.helmCharts[${String(index)}]`;
          return releaseOf({
            path,
            // `istio/istiod`: the repository's name stands before it.
            chart: at(chart, "chartName"),
            repository: at(chart, "repositoryURL"),
            version: at(chart, "chartVersion"),
            name: at(chart, "releaseName"),
            namespace: at(chart, "releaseNamespace"),
            values: [valuesAt(at(chart, "values"), `${path}.values`, true)],
            cluster: selected(at(spec, "clusterSelector"), carrier),
            unread: list(chart, "valuesFrom").map(
              (one) =>
                `takes values from ${text(one, "kind") ?? "an object"} ${text(one, "name") ?? ""} (${path}.valuesFrom)`,
            ),
          });
        }),
      );
}

/** What selects the same clusters is in the same ones. */
function selected(selector: Value | undefined, carrier: Resource): Target {
  return {
    id: `selector ${JSON.stringify(selector ?? null)}`,
    name: `of ${text(carrier.inputs, "metadata", "name") ?? carrier.name}`,
  };
}

/** Terraform's providers of Helm and kubectl, which Pulumi bridges. */
export function ofTerraform(carrier: Resource): Carried {
  const { type, inputs } = carrier;
  if (/^kubectl:index\/manifest:Manifest$/.test(type)) {
    const body = text(inputs, "yamlBody");
    return body === undefined ? nothing : objectsOf(body, "yamlBody");
  }
  if (!/^helm:index\/release:Release$/.test(type)) {
    return nothing;
  }
  return releaseOf({
    path: "values",
    chart: at(inputs, "chart"),
    repository: at(inputs, "repository"),
    version: at(inputs, "version"),
    name: at(inputs, "name"),
    namespace: at(inputs, "namespace"),
    values: [
      ...list(inputs, "values").map((one, index) => valuesAt(one, `values[${String(index)}]`)),
      setValues(settings(["set", "sets", "setSensitive", "setSensitives"].flatMap((key) => list(inputs, key)))),
    ],
    unread: [],
  });
}

function settings(all: readonly Value[]): Setting[] {
  return all.flatMap((one) => {
    const name = text(one, "name");
    const value = at(one, "value");
    return name === undefined || missing(value)
      ? []
      : [{ name, value: value ?? null, asText: text(one, "type") === "string" }];
  });
}

/** A list of objects: `kind: List`, and the lists that Pulumi has of every kind, whose items leave out what they are. */
export function ofList(carrier: Resource): Carried {
  const { kind = "" } = kindOf(carrier) ?? {};
  if (!kind.endsWith("List")) {
    return nothing;
  }
  const apiVersion = /^kubernetes:(?:core\/)?([^:]+):/.exec(carrier.type)?.[1] ?? "v1";
  const of = { apiVersion, kind: kind.replace(/List$/, "") };
  const contents = list(carrier.inputs, "items").flatMap((item, index) =>
    objectIn(isMap(item) ? { ...(of.kind !== "" && of), ...item } : item, `items[${String(index)}]`),
  );
  return { contents, unread: [] };
}
