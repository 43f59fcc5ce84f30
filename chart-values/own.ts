import {
  type ChartName,
  chartNames,
  type ChartSettings,
  isSecret,
  type Path,
  pathText,
  type Settings,
} from "../settings";
import { type LayeredValue, leavesOf } from "./layers";
import { namedValues } from "./named";

/** What a stack's settings put over this program's own values, by chart, in the order in which one is put over the other. */
export type OwnValues = Readonly<Record<ChartName, readonly LayeredValue[]>>;

/**
 * The values that the settings give a cluster's charts: short settings of the stack, then of the cluster, then `values` of the
 * stack, then of the cluster.
 *
 * @param name The mesh's name of the cluster.
 */
export function ownValues(settings: Settings, name: string): OwnValues {
  const index = settings.clusters.findIndex((cluster) => cluster.name === name);
  const cluster: ChartSettings = settings.clusters[index] ?? {};
  const inStack: Place = { path: [], settings: withoutReplaced(settings.chartSettings, cluster) };
  const inCluster: Place = { path: ["clusters", index], settings: cluster };
  const named = namedValues(settings, [inStack, inCluster]);
  const layers = chartNames.map((chart) => [
    chart,
    [...named[chart], ...[inStack, inCluster].flatMap((place) => given(chart, place, settings.secretPaths))],
  ]);
  return Object.fromEntries(layers) as OwnValues;
}

/** Whether something that the settings give a chart is encrypted in the stack's configuration. */
export function hasSecretValues(settings: Settings): boolean {
  return settings.clusters.some(({ name }) =>
    Object.values(ownValues(settings, name)).some((values) => values.some(({ secret }) => secret)),
  );
}

/** The chart takes `maxUnavailable` where it has both: a cluster's budget takes the place of the stack's. */
function withoutReplaced(stack: ChartSettings, { istiod }: ChartSettings): ChartSettings {
  return istiod?.podDisruptionBudget === undefined
    ? stack
    : { ...stack, istiod: { ...stack.istiod, podDisruptionBudget: undefined } };
}

/** Settings of charts, and where they stand below `flatmesh:`. */
export interface Place {
  readonly path: Path;
  readonly settings: ChartSettings;
}

function given(chart: ChartName, { path, settings }: Place, secretPaths: readonly Path[]): LayeredValue[] {
  const at = [...path, "values", chart];
  return leavesOf(settings.values?.[chart] ?? {}).map((leaf) => ({
    ...leaf,
    origin: pathText(at),
    secret: isSecret([...at, ...leaf.path], secretPaths),
  }));
}
