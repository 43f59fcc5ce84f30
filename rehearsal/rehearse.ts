import { checks, checkSource, fromRehearsal } from "../checks";
import { scopeOf } from "../components/clusters";
import { ownFolder } from "../files";
import type { Console } from "./console";
import { takeDown } from "./down";
import { installation, providePlugins } from "./engine-plugins";
import { clustersAnswer } from "./health";
import { policyViolations } from "./policies";
import { runUpdate } from "./update";
import { type Results, readResults, writeResults } from "./results";
import { beginRun, endRun } from "./run-marker";
import { rehearsedSettings, type StackKeys } from "./settings";
import { localSources } from "./sources";
import { RehearsalError } from "./stack-file";
import { provideTools } from "./tools";
import { exportState, openStack } from "./workspace";

export interface RehearsalArgs {
  /** Name of the stack. */
  readonly stack: string;
  /** Its `flatmesh:` keys, without that prefix. */
  readonly keys: StackKeys;
  /** What relative paths in them start from. */
  readonly project: string;
  /** Folder that everything of the rehearsal is kept in. */
  readonly folder: string;
}

/**
 * Rehearses a stack: its settings, with what this machine can't have replaced, on throwaway control planes, by the real
 * engine. Run again, it changes only what the settings have changed; after an interruption it starts anew.
 *
 * @throws SettingsError, ToolError or RehearsalError, with a message for the console.
 */
export async function rehearse({ stack, keys, project, folder }: RehearsalArgs, console: Console): Promise<Results> {
  const { config, settings, changes } = rehearsedSettings(keys, project);
  prepare(folder);
  console.step(`rehearsing stack ${stack}: ${String(settings.clusters.length)} clusters`);
  changes.forEach((change) => {
    console.print(`            ${change}`);
  });

  const tools = await provideTools(toolNames, console);
  const plugins = await providePlugins();
  if (plugins.missing.length > 0) {
    console.step("Pulumi's own provider plugins are not installed: stand-ins do their work. To have them instead:");
    console.print(`            ${installation(plugins.missing)}`);
  }
  const sources = await localSources(settings, tools, console);

  const { interrupted } = await beginRun(folder);
  if (interrupted || !(await clustersAnswer(folder, tools))) {
    console.step(`the last rehearsal ${interrupted ? "was interrupted" : "no longer runs"}: starting anew`);
    await takeDown(folder);
    prepare(folder);
    await beginRun(folder);
  }
  try {
    const opened = await openStack({
      folder,
      stack,
      config: { ...config, ...sources },
      tools,
      pulumiHome: plugins.home,
    });
    const before = await exportState(opened);
    const scopes = new Map(settings.clusters.map((cluster) => [scopeOf(cluster), cluster.name]));
    const results = readResults(await runUpdate(opened, console, scopes));
    const exported = await exportState(opened);
    await writeResults(exported, folder);
    return {
      ...results,
      report: await lookAtMesh(folder, stack, results),
      violations: await policyViolations(exported, before, project),
    };
  } finally {
    await endRun(folder);
  }
}

/** A rehearsal runs what its folder says, and its folder has administrators' keys: nobody else has any business in it. */
function prepare(folder: string): void {
  const fault = ownFolder(folder);
  if (fault !== undefined) {
    throw new RehearsalError(`The rehearsal can't be kept where it should be. ${fault}.`);
  }
}

/** A stack without clusters has no mesh to look at. */
async function lookAtMesh(
  folder: string,
  stack: string,
  { clusters }: Pick<Results, "clusters">,
): Promise<Results["report"]> {
  return Object.keys(clusters).length === 0 ? undefined : checkSource(fromRehearsal(folder, stack), "check", checks);
}

/** What a rehearsal runs: the engine, and the control planes of kwok clusters. */
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
