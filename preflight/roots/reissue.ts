import { reissueIn } from "../../components/mesh";
import type { RootSettings } from "../../settings";
import { resourceKey, type StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";

/**
 * The annotation by which each cluster's ztunnel has certificates reissued, by cluster. Settings that leave it out keep the
 * previous one: pods without it would be other pods, and all clusters would restart theirs at once.
 */
export function reissues(
  { reissue }: RootSettings,
  clusters: readonly PlannedCluster[],
  state: StackState,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    clusters.flatMap(({ name, namePrefix }) => {
      const previous = reissueIn(state.get(resourceKey("kubernetes:helm.sh/v3:Release", `${namePrefix}-ztunnel`)));
      const wanted = reissue ?? previous;
      return wanted === undefined ? [] : [[name, wanted] as const];
    }),
  );
}
