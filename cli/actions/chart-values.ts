import { Output } from "@pulumi/pulumi";
import { closest } from "fastest-levenshtein";
import { valuesText } from "../../chart-values/text";
import { type PlannedRelease, plannedReleases } from "../../components/planned-releases";
import { PreconditionError } from "../../diagnostics";
import { projectFolder } from "../../rehearsal/program";
import { readableSettings } from "../../rehearsal/settings";
import { readStackFile, RehearsalError } from "../../rehearsal/stack-file";
import { SettingsError } from "../../settings";
import type { ChartValuesOptions } from "../chart-values";
import { printFailure } from "../failure";

/** Prints the values of a stack's releases. Resolves to the exit code. */
export async function printChartValues({ stack, cluster, chart }: ChartValuesOptions): Promise<number> {
  try {
    const { settings, changes } = readableSettings(await readStackFile(projectFolder, stack));
    const names = settings.clusters.map(({ name }) => name);
    if (cluster !== undefined && !names.includes(cluster)) {
      throw new RehearsalError(
        `Stack ${stack} has no cluster ${cluster}${names.length > 0 ? `; did you mean ${closest(cluster, names)}?` : "."}`,
      );
    }
    const releases = plannedReleases(settings).filter(
      (release) => (cluster ?? release.cluster) === release.cluster && (chart ?? release.chart) === release.chart,
    );
    process.stdout.write([...changes.map((change) => `# ${change}\n`), ...releases.map(releaseText)].join(""));
    return 0;
  } catch (error) {
    printFailure(error, [RehearsalError, SettingsError, PreconditionError]);
    return 2;
  }
}

function releaseText({ cluster, chart, reference, name, namespace, values }: PlannedRelease): string {
  const peers =
    chart === "peering" ? "# remote.items is filled in from the peers' addresses, which settings don't have\n" : "";
  return (
    `---\n# Cluster ${cluster}: release ${namespace}/${name} of chart ${chart} ${reference.version}\n${peers}` +
    valuesText(values, (value) => !Output.isInstance(value))
  );
}
