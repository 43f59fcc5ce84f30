/** The checks, over the mesh that a stack's outputs describe. */
import { checks, type CheckResult, runChecks } from "../../checks";
import { meshOf } from "../../checks/sources/outputs";
import type { MachineStack } from "./stack";

/** Runs the checks of these ids, or all of them. */
export async function check(stack: MachineStack, ...ids: readonly string[]): Promise<readonly CheckResult[]> {
  const chosen = ids.length === 0 ? checks : checks.filter(({ id }) => ids.includes(id));
  const kept = new Map((await stack.kept()).map(({ name, access }) => [name, access()]));
  const mesh = meshOf(await stack.outputs(), "the stack", (cluster) => {
    const access = kept.get(cluster);
    if (access === undefined) {
      throw new Error(`the state has no kubeconfig of ${cluster}`);
    }
    return access;
  });
  return runChecks(chosen, mesh);
}

type Told = [cluster: string | undefined, message: string][];

/** Clusters and messages of what a check finds wrong. */
export function failures(stack: MachineStack, id: string): Promise<Told> {
  return told(stack, id, "failed");
}

/** The same for what it warns of. */
export function warnings(stack: MachineStack, id: string): Promise<Told> {
  return told(stack, id, "warning");
}

async function told(stack: MachineStack, id: string, wanted: CheckResult["status"]): Promise<Told> {
  const found = (await check(stack, id)).flatMap(({ findings }) => findings);
  return found.filter(({ status }) => status === wanted).map(({ cluster, message }) => [cluster, message]);
}
