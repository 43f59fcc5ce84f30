/**
 * What of the stack's own is no longer as it was declared. The engine compares settings with its state, and never looks at what is
 * live: without this, nothing that somebody has changed by hand would be put back.
 */
import { repairedAnnotation } from "../../components/clusters";
import type { Access } from "../../kubernetes";
import type { StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import { absent, notLookedAt } from "../datum";
import { declaredIn } from "./declared";
import type { ReadCluster } from "./judge";
import { readLive } from "./read";

export { judgeDrift, type ReadCluster } from "./judge";
export { judgeMachineDrift } from "./machine";

export interface DriftArgs {
  /** A cluster that is about to be created or recreated has nothing to compare. */
  readonly clusters: readonly PlannedCluster[];
  readonly state: StackState;
  /** Access to each cluster that exists, by name. */
  readonly access: ReadonlyMap<string, Access>;
  readonly detectDrift: boolean;
  readonly offline: boolean;
}

/** Reads what each cluster has of what the stack has declared in it. */
export async function readDrift(args: DriftArgs): Promise<readonly ReadCluster[]> {
  const { clusters, state, access, detectDrift, offline } = args;
  const prefixes = clusters.map(({ namePrefix }) => namePrefix);
  const declared = declaredIn(state, prefixes, repairedAnnotation);
  return Promise.all(
    clusters.flatMap(({ name, namePrefix }) => {
      const own = declared.get(namePrefix);
      const way = access.get(name);
      return own === undefined ? [] : [look(name, own, way)];
    }),
  );

  async function look(name: string, own: ReadCluster["declared"], way: Access | undefined): Promise<ReadCluster> {
    if (offline) {
      return { name, declared: own, live: notLookedAt };
    }
    const isEmpty = own.objects.length + own.releases.length === 0;
    const live = !detectDrift || way === undefined || isEmpty ? absent : await readLive(way, own);
    return { name, declared: own, live };
  }
}
