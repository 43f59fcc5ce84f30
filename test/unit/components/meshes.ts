import type { Cluster } from "../../../components/clusters";
import { createMeshes } from "../../../components/mesh";
import type { Trust } from "../../../components/trust";
import type { Settings } from "../../../settings";

/** A mesh in every cluster, without the Gateway API's definitions, which would be much to look at. */
export function meshesIn(
  clusters: readonly Cluster[],
  settings: Settings,
  trust: Pick<Trust, "intermediates"> = { intermediates: new Map() },
): ReturnType<typeof createMeshes> {
  const { reissue } = settings.root;
  const reissues = reissue === undefined ? {} : Object.fromEntries(clusters.map(({ name }) => [name, reissue]));
  return createMeshes({ settings, clusters, trust, gatewayApi: [], reissues });
}
