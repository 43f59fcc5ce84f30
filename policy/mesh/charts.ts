import { at, isMap, kindOf, list, missing, type Resource, text, unknown, type Value } from "../state";
import { merged, withDefaults } from "./values";
import { readValues } from "./yaml";

/** What of a mesh a chart installs. */
export type Part = "base" | "istiod" | "cni" | "ztunnel" | "gateway" | "peering";

/** The use of a Helm chart, or of what an operator installs like one. */
export interface Chart {
  readonly resource: Resource;
  /** Whether Helm installs it by itself, as a part of another chart, or an operator does. */
  readonly by: "helm" | "outer chart" | "operator";
  /** Undefined for a chart that is not Istio's. */
  readonly part: Part | undefined;
  /** Name, URL or path of the chart. */
  readonly chart: string;
  /** Its repository; empty where the chart itself says where it is. */
  readonly repository: string;
  /** Whether it comes from a folder: then what it is, is in the repository beside the program. */
  readonly local: boolean;
  readonly version: Value | undefined;
  readonly values: Value;
  /** Whether some values are in files that can't be read from here. */
  readonly opaque: boolean;
}

const helm = /^kubernetes:helm\.sh\/v[^:]+:(Release|Chart)$/;

/** Whether it is a component around the objects of a chart, which are resources of their own. */
export function isRendered({ type }: Resource): boolean {
  return helm.test(type) && type.endsWith(":Chart");
}

/** The charts that a resource installs; those of Istio inside another chart count as charts of their own. */
export function chartsOf(resource: Resource): Chart[] {
  return [...helmCharts(resource), ...operatorCharts(resource)];
}

function helmCharts(resource: Resource): Chart[] {
  const { type, inputs } = resource;
  const chart = text(inputs, "chart");
  if (!helm.test(type) || chart === undefined) {
    return [];
  }
  const repository = text(inputs, "repositoryOpts", "repo") ?? text(inputs, "fetchOpts", "repo") ?? "";
  const about = ["namespace", "name", "source"].reduce(
    (all, key) => `${all} ${text(inputs, key) ?? ""}`,
    `${repository} ${chart}`,
  );
  const files = list(inputs, "valueYamlFiles").map(fileValues);
  const own: Chart = {
    resource,
    by: "helm",
    part: partOf(chart, about),
    chart,
    repository,
    local: repository === "" && (/^[./~]/.test(chart) || chart.endsWith(".tgz")) && !/^\w+:\/\//.test(chart),
    version: at(inputs, "version"),
    values: withDefaults([...files.map((file) => file ?? {}), at(inputs, "values") ?? {}].reduce<Value>(merged, {})),
    opaque: files.includes(undefined) || at(inputs, "valuesElsewhere") === true,
  };
  return [own, ...inner(own, about)];
}

/** An asset's values; undefined where they are in a file, or can't be read. */
function fileValues(asset: Value): Value | undefined {
  if (asset === unknown) {
    return unknown;
  }
  const inline = text(asset, "text");
  const read = inline === undefined ? undefined : readValues(inline);
  return read !== undefined && "value" in read ? read.value : undefined;
}

const names: Readonly<Record<string, Part>> = {
  base: "base",
  "istio-base": "base",
  istiod: "istiod",
  "istio-discovery": "istiod",
  cni: "cni",
  "istio-cni": "cni",
  ztunnel: "ztunnel",
  gateway: "gateway",
  "istio-ingress": "gateway",
  "istio-egress": "gateway",
  peering: "peering",
};

/** What of Istio a chart around it has; gateways come by themselves. */
const inside: readonly Part[] = ["base", "istiod", "cni", "ztunnel", "peering"];

/** Names that charts of others have as well. */
const common: readonly string[] = ["base", "cni", "gateway", "peering"];

function partOf(chart: string, about: string): Part | undefined {
  // `base-1.28.5-solo.tgz`, `oci://…/base`, `istio/base`, `charts/base/`
  const name = chart
    .replace(/\/$/, "")
    .replace(/^.*\//, "")
    .replace(/\.tgz$/, "")
    .replace(/-v?\d+\..*$/, "");
  return common.includes(name) && !/istio|solo/i.test(about) ? undefined : names[name];
}

/** A chart around Istio's gives each its values below its name or alias, and `global` to all of them. */
function inner(outer: Chart, about: string): Chart[] {
  if (outer.part !== undefined) {
    return [];
  }
  const found = Object.entries(names).flatMap(([name, part]) => {
    const values = at(outer.values, name);
    return inside.includes(part) && isMap(values) ? [{ name, part, values }] : [];
  });
  // What others have as well is Istio's beside what only Istio has.
  const certain = /istio|solo/i.test(about) || found.some(({ name }) => !common.includes(name));
  return found
    .filter(() => certain)
    .map(({ part, values }) => ({
      ...outer,
      by: "outer chart" as const,
      part,
      version: undefined,
      values: merged({ global: at(outer.values, "global") ?? {} }, values),
    }));
}

/** Custom resources that operators make the same of: Istio's own of old, and the Sail operator. */
const operators: Readonly<Record<string, { readonly part: Part; readonly own?: string }>> = {
  "install.istio.io IstioOperator": { part: "istiod" },
  "sailoperator.io Istio": { part: "istiod" },
  "sailoperator.io IstioRevision": { part: "istiod" },
  "sailoperator.io IstioCNI": { part: "cni", own: "cni" },
  "sailoperator.io ZTunnel": { part: "ztunnel", own: "ztunnel" },
};

function operatorCharts(resource: Resource): Chart[] {
  const { group = "", kind = "" } = kindOf(resource) ?? {};
  const operator = operators[`${group} ${kind}`];
  if (operator === undefined) {
    return [];
  }
  const { part, own } = operator;
  const spec = at(resource.inputs, "spec");
  const values = at(spec, "values") ?? {};
  const installed = { hub: at(spec, "hub") ?? null, tag: at(spec, "tag") ?? null };
  return [
    {
      resource,
      by: "operator" as const,
      part,
      chart: kind,
      repository: "",
      local: false,
      version: at(spec, "version"),
      // What a chart has for itself stands below its name, beside what is for all.
      values: withDefaults([values, own === undefined ? {} : (at(values, own) ?? {})].reduce<Value>(merged, installed)),
      opaque: false,
    },
  ];
}

/** The first of several values that is set. */
export function firstOf(...values: readonly (Value | undefined)[]): Value | undefined {
  return values.find((value) => !missing(value));
}
