import { at, kindOf, list, missing, type Resource, text, unknown, type Value } from "../../state";
import { type Carried, findObject, nothing, speaksOfMesh, type Target } from "./content";
import { type ChartUse, releaseOf, valuesAt } from "./helm";

/** Where a HelmRelease has its chart from. */
type Source = Pick<ChartUse, "chart" | "repository" | "source" | "version" | "unread">;

const sources = "source.toolkit.fluxcd.io";

/** Flux: what its helm-controller and its kustomize-controller are given. */
export function ofFlux(carrier: Resource, among: readonly Resource[]): Carried {
  const { group, kind } = kindOf(carrier) ?? {};
  if (group === "helm.toolkit.fluxcd.io" && kind === "HelmRelease") {
    return ofHelmRelease(carrier, among);
  }
  if (group === "kustomize.toolkit.fluxcd.io" && kind === "Kustomization") {
    const path = text(carrier.inputs, "spec", "path");
    return speaksOfMesh(path, text(carrier.inputs, "metadata", "name"))
      ? { contents: [], unread: [`takes objects from the folder ${path ?? "."} of a repository (spec.path)`] }
      : nothing;
  }
  return nothing;
}

function ofHelmRelease(carrier: Resource, among: readonly Resource[]): Carried {
  const spec = at(carrier.inputs, "spec");
  const own = text(carrier.inputs, "metadata", "name");
  const target = text(spec, "targetNamespace");
  const source = sourceOf(carrier, among);
  return releaseOf({
    ...source,
    path: "spec",
    name: at(spec, "releaseName") ?? (target === undefined ? own : `${target}-${own ?? ""}`),
    namespace: at(spec, "targetNamespace") ?? at(carrier.inputs, "metadata", "namespace"),
    values: [valuesAt(at(spec, "values"), "spec.values")],
    cluster: remote(spec),
    unread: [
      ...source.unread,
      ...list(spec, "valuesFrom").map(
        (from, index) =>
          `takes values from ${text(from, "kind") ?? "an object"} ${text(from, "name") ?? ""} (spec.valuesFrom[${String(index)}])`,
      ),
      ...(list(spec, "postRenderers").length > 0 ? ["changes what the chart renders (spec.postRenderers)"] : []),
    ],
  });
}

/** A kubeconfig of another cluster. */
function remote(spec: Value | undefined): Target | undefined {
  const name = text(spec, "kubeConfig", "secretRef", "name") ?? text(spec, "kubeConfig", "configMapRef", "name");
  return name === undefined ? undefined : { id: `kubeconfig ${name}`, name };
}

function sourceOf(carrier: Resource, among: readonly Resource[]): Source {
  const spec = at(carrier.inputs, "spec");
  const reference = at(spec, "chartRef");
  if (missing(reference)) {
    return chartFrom(at(spec, "chart", "spec"), carrier, among, "spec.chart.spec");
  }
  const [kind = "", name = ""] = [text(reference, "kind"), text(reference, "name")];
  const namespace = text(reference, "namespace") ?? text(carrier.inputs, "metadata", "namespace");
  const found = findObject(among, carrier, { group: sources, kind, name, namespace });
  if (found === undefined) {
    return {
      // Most are called like the chart.
      chart: name,
      source: name,
      version: unknown,
      unread: [`takes its chart from ${kind} ${name}, which is not in this stack (spec.chartRef)`],
    };
  }
  return kind === "OCIRepository"
    ? ofOciRepository(at(found.inputs, "spec"), name)
    : chartFrom(at(found.inputs, "spec"), found, among, `spec of ${kind} ${name}`);
}

/** `{chart, version, sourceRef}`, as a HelmRelease and a HelmChart have it. */
function chartFrom(spec: Value | undefined, owner: Resource, among: readonly Resource[], path: string): Source {
  const [kind = "", name = ""] = [text(spec, "sourceRef", "kind"), text(spec, "sourceRef", "name")];
  const files =
    list(spec, "valuesFiles").length > 0 ? [`takes values from files of the chart (${path}.valuesFiles)`] : [];
  const chart = at(spec, "chart");
  if (kind === "GitRepository" || kind === "Bucket") {
    return {
      chart: typeof chart === "string" ? `./${chart.replace(/^\.?\//, "")}` : chart,
      source: name,
      version: undefined,
      unread: files,
    };
  }
  const namespace = text(spec, "sourceRef", "namespace") ?? text(owner.inputs, "metadata", "namespace");
  const repository = findObject(among, owner, { group: sources, kind, name, namespace });
  return {
    chart,
    repository: at(repository?.inputs, "spec", "url"),
    source: name,
    version: at(spec, "version"),
    unread:
      repository === undefined && kind !== ""
        ? [...files, `takes its chart from ${kind} ${name}, which is not in this stack (${path}.sourceRef)`]
        : files,
  };
}

function ofOciRepository(spec: Value | undefined, name: string): Source {
  const url = text(spec, "url");
  const digest = text(spec, "ref", "digest");
  return {
    chart: url === undefined ? at(spec, "url") : digest === undefined ? url : `${url}@${digest}`,
    source: name,
    version: firstSet(at(spec, "ref", "semver"), at(spec, "ref", "tag")),
    unread: [],
  };
}

function firstSet(...values: readonly (Value | undefined)[]): Value | undefined {
  return values.find((value) => !missing(value));
}
