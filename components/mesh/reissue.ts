import { z } from "zod";

/** Annotation of ztunnel's pods. A change of it restarts them, which has all workload certificates reissued. */
export const reissueAnnotation = "flatmesh/reissue";

const Release = z.object({
  values: z.object({ podAnnotations: z.object({ [reissueAnnotation]: z.string() }) }),
});

/** The annotation among the inputs or outputs of a release; undefined if it has none. */
export function reissueIn(release: unknown): string | undefined {
  return Release.safeParse(release).data?.values.podAnnotations[reissueAnnotation];
}
