import { z } from "zod";
import type { Settings } from "../../settings/index";
import { scopeOf } from "../../components/clusters/index";
import { ownState, resourceKey } from "../../stacks/engine";

/** Annotation of ztunnel's pods whose change has them made anew. */
export const reissueAnnotation = "flatmesh/reissue";

const Asked = z.object({
  values: z.object({ podAnnotations: z.object({ [reissueAnnotation]: z.string() }) }),
});

/** The annotation among what a release is made of; undefined where it has none. */
export function reissueIn(release: unknown): string | undefined {
  return Asked.safeParse(release).data?.values.podAnnotations[reissueAnnotation];
}

/**
 * The annotation that each cluster's ztunnel is to have, by cluster. Settings that leave it out keep the one before: pods
 * without it would be other pods, and all clusters would restart theirs at once.
 *
 * @throws PreconditionError when the backend can't tell.
 */
export async function reissues({ root, clusters }: Settings): Promise<ReadonlyMap<string, string>> {
  const { reissue } = root;
  if (reissue !== undefined) {
    return new Map(clusters.map(({ name }) => [name, reissue]));
  }
  const state = await ownState();
  return new Map(
    clusters.flatMap((cluster) => {
      const before = reissueIn(state.get(resourceKey("kubernetes:helm.sh/v3:Release", `${scopeOf(cluster)}-ztunnel`)));
      return before === undefined ? [] : [[cluster.name, before] as const];
    }),
  );
}
