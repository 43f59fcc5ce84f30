import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { UpResult } from "@pulumi/pulumi/automation";
import { z } from "zod";
import type { Report } from "../checks";
import { exportedState, isSecret, recordedKubeconfigs, stackOutputsSchema } from "../stacks";
import { writePrivate } from "../files";
import type { Violation } from "../policy/rules";

/** The outputs of a rehearsal that are shown at the console. */
const Results = stackOutputsSchema.required({
  clusters: true,
  eastWestAddresses: true,
  links: true,
  missingPeers: true,
  topology: true,
});
export type Results = z.infer<typeof Results> & {
  /** How many resources the engine created, updated, left the same and so on. */
  readonly changes: Readonly<Record<string, number>>;
  /** The result of the checks; undefined if there is no mesh. */
  readonly report: Report | undefined;
  /** The policies that it violates. */
  readonly violations: readonly Violation[];
  /** A kubectl for the clusters: just its name if the PATH has one, else the file that the rehearsal itself runs. */
  readonly kubectl: string;
};

/** Reads the results of an update. */
export function readResults({ outputs, summary }: UpResult): Omit<Results, "report" | "violations" | "kubectl"> {
  const values = Object.entries(outputs).map(([key, { value }]): [string, unknown] => [key, value]);
  return { ...Results.parse(Object.fromEntries(values)), changes: { ...summary.resourceChanges } };
}

/** The kubeconfig of a cluster of a rehearsal. */
export function kubeconfigFile(folder: string, cluster: string): string {
  return join(folder, `${cluster}.kubeconfig`);
}

/**
 * Writes the results of a rehearsal into its folder: `outputs.json`, in which secrets are blanked, and `<cluster>.kubeconfig`,
 * which only its owner can read.
 *
 * @param exported The state, as it is exported with its secrets.
 */
export async function writeResults(exported: unknown, folder: string): Promise<void> {
  const outputs = blanked(stackOutputs(exported));
  await writeFile(join(folder, "outputs.json"), `${JSON.stringify(outputs, undefined, 2)}\n`);
  for (const { name, access } of recordedKubeconfigs(exportedState(exported) ?? new Map())) {
    writePrivate(kubeconfigFile(folder, name), access().kubeconfig);
  }
}

const Exported = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), outputs: z.unknown().optional() })),
  }),
});

function stackOutputs(exported: unknown): unknown {
  return (
    Exported.parse(exported).deployment.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {}
  );
}

function blanked(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(blanked);
  }
  if (typeof value === "object" && value !== null) {
    return isSecret(value)
      ? "[secret]"
      : Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, blanked(entry)]));
  }
  return value;
}
