import { checks, checkSource, fromRehearsal } from "../checks";
import { namePrefixOf } from "../components/clusters";
import { ownFolder } from "../files";
import type { Console } from "./console";
import { clear } from "./down";
import { RunEnded, untilAborted } from "./ending";
import { installation, providePlugins } from "./engine-plugins";
import { clustersAnswer } from "./health";
import { policyViolations } from "./policies";
import { endProcessesOf } from "./processes";
import { rehearsedManifests } from "./manifests";
import { type Results, readResults, writeResults } from "./results";
import { markUpdate, unmarkUpdate, updateBegun, withFolder } from "./run";
import { type RehearsedSettings, rehearsedSettings, type StackKeys } from "./settings";
import { localSources } from "./sources";
import { RehearsalError } from "./stack-file";
import { provideTools, which } from "./tools";
import { runUpdate, UpdateFailed } from "./update";
import { exportState, openStack } from "./workspace";

export interface RehearsalArgs {
  /** Name of the stack. */
  readonly stack: string;
  /** Its `flatmesh:` keys, without that prefix. */
  readonly keys: StackKeys;
  /** The environments of Pulumi ESC that give further ones. */
  readonly environments?: readonly string[];
  /** What relative paths in them are relative to. */
  readonly project: string;
  /** The folder of everything that belongs to the rehearsal. */
  readonly folder: string;
}

/**
 * Rehearses a stack: runs its settings, except for what this machine can't have, on throwaway control planes with the real
 * engine. Run again, it changes only what has changed in the settings; after an interruption it starts over.
 *
 * @param end Ends the run, and what it has begun, when it is aborted; its reason is thrown then.
 * @throws SettingsError, ToolError or RehearsalError, with a message for the console; RunEnded if the run was ended, by `end` or
 *   because the rehearsal is being taken down from elsewhere. The caller ends the process then.
 */
export async function rehearse(
  args: RehearsalArgs,
  console: Console,
  end: AbortSignal = new AbortController().signal,
): Promise<Results> {
  const { folder } = args;
  const settings = rehearsedSettings(args.keys, args.project, args.environments);
  prepare(folder);
  return withFolder(folder, async (lost) => {
    const signal = AbortSignal.any([end, lost]);
    try {
      return await untilAborted(signal, () => run(args, settings, console, signal));
    } catch (error) {
      // Clusters of an unfinished update are of no use. If the folder was lost, they belong to another run.
      if (error instanceof RunEnded && !lost.aborted && updateBegun(folder)) {
        await endProcessesOf(folder);
        throw new RunEnded(
          `${error.reason}. Its clusters have ended with it, and the next run starts over`,
          error.exitCode,
        );
      }
      throw error;
    }
  });
}

async function run(
  { stack, project, folder }: RehearsalArgs,
  { config, settings, existing, changes }: RehearsedSettings,
  console: Console,
  end: AbortSignal,
): Promise<Results> {
  const { length } = settings.clusters;
  console.step(`rehearsing stack ${stack}: ${String(length)} ${length === 1 ? "cluster" : "clusters"}`);
  changes.forEach((change) => {
    console.print(`            ${change}`);
  });

  const tools = await provideTools(toolNames, console);
  const plugins = await providePlugins();
  if (plugins.missing.length > 0) {
    console.step("Pulumi's own provider plugins are not installed; stand-ins are used. To use Pulumi's:");
    console.print(`            ${installation(plugins.missing)}`);
  }
  const sources = await localSources(settings, tools, console);

  const interrupted = updateBegun(folder);
  if (interrupted || !(await clustersAnswer(folder, tools))) {
    console.step(`the last rehearsal ${interrupted ? "was interrupted" : "is no longer running"}: starting over`);
    // If this is interrupted, the next run has to begin with it again.
    await markUpdate(folder);
    await clear(folder);
  }
  // After the folder was cleared, which would take what is written into it.
  const manifests = await rehearsedManifests(config, existing, folder);
  manifests.changes.forEach((change) => {
    console.print(`            ${change}`);
  });
  const opened = await openStack({
    folder,
    stack,
    config: { ...config, ...manifests.config, ...sources },
    tools,
    pulumiHome: plugins.home,
  });
  const before = await exportState(opened);
  end.throwIfAborted();
  await markUpdate(folder);
  const scopes = new Map(settings.clusters.map((cluster) => [namePrefixOf(cluster), cluster.name]));
  const updated = await runUpdate(opened, console, scopes).catch(async (error: unknown) => {
    // An engine that is ended with the run may still print a summary, but its clusters have ended as well.
    if (error instanceof UpdateFailed && !end.aborted) {
      await unmarkUpdate(folder);
    }
    throw error;
  });
  end.throwIfAborted();
  await unmarkUpdate(folder);
  const results = readResults(updated);
  const exported = await exportState(opened);
  await writeResults(exported, folder);
  return {
    ...results,
    report: await checkMesh(folder, stack, results),
    violations: await policyViolations(exported, before, project),
    kubectl: (await which("kubectl")) === undefined ? (tools.programs["kubectl"] ?? "kubectl") : "kubectl",
  };
}

/** A rehearsal runs what is in its folder, which also holds administrators' keys: nobody else may have access to it. */
function prepare(folder: string): void {
  const fault = ownFolder(folder);
  if (fault !== undefined) {
    throw new RehearsalError(`The rehearsal can't use its folder. ${fault}.`);
  }
}

/** A stack without clusters has no mesh to check. */
async function checkMesh(
  folder: string,
  stack: string,
  { clusters }: Pick<Results, "clusters">,
): Promise<Results["report"]> {
  return Object.keys(clusters).length === 0 ? undefined : checkSource(fromRehearsal(folder, stack), "check", checks);
}

/** The tools of a rehearsal: the engine, and the control planes of kwok clusters. */
export const toolNames = [
  "pulumi",
  "kubectl",
  "helm",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kwokctl",
] as const;
