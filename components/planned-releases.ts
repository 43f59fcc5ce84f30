import { type LayeredValue, merged, type OwnValues, ownValues, programLayer } from "../chart-values";
import type { ChartReference } from "../registry";
import type { ChartName, Settings } from "../settings";
import { chartOf, releaseNames, settingsValues, systemNamespace } from "./mesh";
import { eastWest, peeringRelease, peeringValues } from "./peering";

/** A Helm release that a stack's settings ask for. */
export interface PlannedRelease {
  /** The mesh's name of the cluster. */
  readonly cluster: string;
  readonly chart: ChartName;
  readonly reference: ChartReference;
  /** Helm's name of it. */
  readonly name: string;
  readonly namespace: string;
  /** This program's own values alone. */
  readonly program: readonly LayeredValue[];
  /** What the settings put over them. */
  readonly own: readonly LayeredValue[];
  /** What comes out of both. */
  readonly values: readonly LayeredValue[];
}

/**
 * The releases of all clusters of the settings, as far as settings alone say what is in them: the addresses of peers come from
 * clusters, and are an empty list here.
 *
 * @throws PreconditionError if a folder of charts lacks one of them.
 */
export function plannedReleases(settings: Settings): PlannedRelease[] {
  return settings.clusters.flatMap((cluster) => {
    const own = ownValues(settings, cluster.name);
    const program = settingsValues(settings, cluster);
    const release = (chart: keyof typeof program): PlannedRelease =>
      plannedRelease(settings, own, {
        cluster: cluster.name,
        chart,
        name: releaseNames[chart],
        namespace: systemNamespace,
        program: programLayer(program[chart]),
      });
    return [
      release("base"),
      release("istiod"),
      release("cni"),
      release("ztunnel"),
      ...(settings.linkMethod === "chart" ? [peering(settings, own, cluster.name)] : []),
    ];
  });
}

function peering(settings: Settings, own: OwnValues, cluster: string): PlannedRelease {
  return plannedRelease(settings, own, {
    cluster,
    chart: "peering",
    name: peeringRelease,
    namespace: eastWest,
    program: programLayer(peeringValues([])),
  });
}

function plannedRelease(
  settings: Settings,
  own: OwnValues,
  release: Omit<PlannedRelease, "reference" | "own" | "values">,
): PlannedRelease {
  const layers = own[release.chart];
  return {
    ...release,
    reference: chartOf(settings, release.chart),
    own: layers,
    values: merged([...release.program, ...layers]),
  };
}
