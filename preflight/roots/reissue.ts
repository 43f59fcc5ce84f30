import { reissueIn } from "../../components/mesh";
import type { RootSettings } from "../../settings";
import { resourceKey, type StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";

/**
 * The annotation of ztunnel that makes it have certificates reissued, by cluster. Without the setting the previous one stays:
 * dropping it would change the pods, and all clusters would restart theirs at once.
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
