import { type Amounts, defaultWorkloads, type Workload } from "../readiness";
import { type ChartName, formerKeys } from "../settings";
import { type LayeredValue, merged, programLayer, valuesOf } from "./layers";
import type { OwnValues } from "./own";

/** What a chart's templates read of its values, as far as it decides what pods need; test/render/readiness.test.ts renders them. */
interface SizeValues {
  readonly resources?: Resources | null;
  readonly global?: { readonly defaultResources?: Resources | null; readonly priorityClassName?: unknown } | null;
  readonly nodeSelector?: Readonly<Record<string, unknown>> | null;
  readonly autoscaleEnabled?: unknown;
  readonly autoscaleMin?: unknown;
  readonly autoscaleMax?: unknown;
  readonly replicaCount?: unknown;
}
type Resources = Readonly<Partial<Record<"requests" | "limits", Readonly<Record<string, unknown>> | null>>>;

const charts: Readonly<Record<string, ChartName>> = { istiod: "istiod", "istio-cni-node": "cni", ztunnel: "ztunnel" };

/** What is requested where `resources` is taken away: ztunnel's chart has nothing then. */
const withoutResources: Partial<Record<ChartName, Resources>> = {
  istiod: { requests: { cpu: "10m" } },
  cni: { requests: { cpu: "100m", memory: "100Mi" } },
};

/** The mesh's workloads, as the charts make them with a cluster's values. */
export function plannedWorkloads(own: OwnValues): Workload[] {
  return defaultWorkloads.map((workload) => {
    const chart = charts[workload.name] ?? "base";
    return planned(workload, chart, own[chart]);
  });
}

function planned(workload: Workload, chart: ChartName, own: readonly LayeredValue[]): Workload {
  const defaults = {
    resources: { requests: workload.requests },
    ...(chart in withoutResources && { global: { defaultResources: withoutResources[chart] } }),
    ...(chart === "istiod" && { autoscaleEnabled: true, autoscaleMin: 1, autoscaleMax: 5, replicaCount: 1 }),
  };
  const layers = merged([...programLayer(defaults), ...inOrder(chart, own)]);
  const values = valuesOf(layers) as SizeValues;
  const whole = isFilled(values.resources);
  const resources = (whole ? values.resources : values.global?.defaultResources) ?? {};
  const scaled = isGiven(values.autoscaleEnabled);
  // Without a maximum there is no scaler, and without a scaler there is one pod.
  const pods = Number(scaled ? isGiven(values.autoscaleMax) && values.autoscaleMin : values.replicaCount);
  const priorityClass = chart === "istiod" ? values.global?.priorityClassName : undefined;
  const given = (...path: readonly string[]) =>
    layers.filter((layer) => layer.origin !== "flatmesh" && path.every((key, index) => layer.path[index] === key));
  const from = {
    resources: given("resources").concat(whole ? [] : given("global", "defaultResources")),
    pods: chart === "istiod" ? given(scaled ? "autoscaleMin" : "replicaCount") : [],
    priorityClassName: chart === "istiod" ? given("global", "priorityClassName") : [],
    nodeSelector: chart === "ztunnel" ? given("nodeSelector") : [],
  };
  const { priorityClassName: classOfChart, ...rest } = workload;
  const priorityClassName = isGiven(priorityClass) ? String(priorityClass) : classOfChart;
  return {
    ...rest,
    requests: amounts(resources.requests),
    limits: amounts(resources.limits),
    pods: chart === "istiod" && pods >= 1 ? pods : 1,
    // The chart of the CNI has no such value: its pods are on every node.
    nodeSelector: chart === "ztunnel" ? texts(values.nodeSelector) : {},
    ...(priorityClassName !== undefined && { priorityClassName }),
    settings: {
      resources: settingsOf(from.resources) ?? workload.settings.resources,
      pods: pods > 1 ? settingsOf(from.pods) : undefined,
      priorityClassName: isGiven(priorityClass) ? settingsOf(from.priorityClassName) : undefined,
    },
    secret: Object.values(from).some((found) => found.some(({ secret }) => secret)),
  };
}

/** What stands below a former key counts over what is at the top; ztunnel's chart takes `global` for the top, below everything. */
function inOrder(chart: ChartName, own: readonly LayeredValue[]): LayeredValue[] {
  const below = (key: string) =>
    own.flatMap((layer) =>
      layer.path[0] === key && layer.path.length > 1
        ? [{ ...layer, path: layer.path.slice(1), origin: `${layer.origin}.${key}` }]
        : [],
    );
  const former = formerKeys[chart];
  return [...(chart === "ztunnel" ? below("global") : []), ...own, ...(former === undefined ? [] : below(former))];
}

/** The settings that give values; own values are a map, of which the key is said. */
function settingsOf(layers: readonly LayeredValue[]): string | undefined {
  const settings = layers.map(({ origin, path: [key = "", inner = ""] }) =>
    /(?:^|\.)values\.\w+(?:\.\w+)?$/.test(origin) ? `${origin}.${key === "global" ? `${key}.${inner}` : key}` : origin,
  );
  return settings.length === 0 ? undefined : [...new Set(settings)].join(" and ");
}

/** What is empty or zero is left out by the charts. */
function amounts(map: Readonly<Record<string, unknown>> | null = {}): Amounts {
  return texts(Object.fromEntries(Object.entries(map ?? {}).filter(([, value]) => isGiven(value))));
}

function texts(map: Readonly<Record<string, unknown>> | null = {}): Readonly<Record<string, string>> {
  const filled = Object.entries(map ?? {}).filter(([, value]) => ["string", "number"].includes(typeof value));
  return Object.fromEntries(filled.map(([key, value]) => [key, String(value)]));
}

/** Whether Helm's templates take a value for true. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== "" && value !== 0;
}

function isFilled(map: object | null | undefined): boolean {
  return typeof map === "object" && map !== null && Object.keys(map).length > 0;
}
