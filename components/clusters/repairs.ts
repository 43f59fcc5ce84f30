import type { RepairAction } from "../../kubernetes";
import { resourceKey } from "../../stacks";

/** What an update puts back in one resource, and why. */
export interface Repair {
  /**
   * Recorded in the resource, so that the plan shows a change: "2: Deployment istio-system/istiod: spec.replicas is 0 instead of 1".
   * The number makes a drift that comes back another text. Without drift it stays as the state has it.
   */
  readonly reason: string;
  /** What to tell of it, where the resource is declared: what the update takes away is not put back. */
  readonly notice?: string;
  /** Done by a hook right before the engine's update. Empty if the update by itself does it, and if nothing has drifted. */
  readonly actions: readonly RepairAction[];
}

/** The repairs of a stack's resources, by their `resourceKey` of stacks/state.ts. */
export type Repairs = Readonly<Record<string, Repair>>;

/** Annotation of an object that has the reason of its last repair. A Helm release has it in its `description`. */
export const repairedAnnotation = "flatmesh/repaired";

/**
 * Annotation in previews only, unknown: the plugin would otherwise try the update on an object that is not there, or whose fields
 * are somebody else's, before the hook has put it back, and the preview would fail.
 */
export const pendingAnnotation = "flatmesh/repair-pending";

/** Variable that has it in a Command's environment. */
export const repairedVariable = "REPAIRED";

/** Pulumi's type of a command of this machine. */
const commandType = "command:local:Command";

/** What a Command's environment has of its repair: a change of it runs the command again, which does nothing twice. */
export function repairedEnvironment(repairs: Repairs | undefined, name: string): Readonly<Record<string, string>> {
  const repair = repairs?.[resourceKey(commandType, name)];
  return repair === undefined ? {} : { [repairedVariable]: repair.reason };
}
