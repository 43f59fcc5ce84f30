import { withCommonValues } from "./common";
import type { ChartValues, ValuesArgs } from "./values";

/**
 * Values for upstream Istio: the same mesh without a licence. Its istiod finds the other clusters by remote secrets instead
 * of peer Gateways, so everything of peering is left out.
 */
export function communityValues(args: ValuesArgs): ChartValues {
  return withCommonValues(args, {
    // Istio's own account for control planes that read this cluster, with more rights than the one of components/peering: the
    // charts know the value since 1.30, base makes the account, and istiod its rights.
    global: { enableReaderRBAC: false },
    istiod: {
      // Of networks there is one; this is what has istiod tell ztunnel of other clusters' workloads at all.
      env: { AMBIENT_ENABLE_MULTI_NETWORK: "true" },
      global: { meshID: "flatmesh" },
    },
    ztunnel: {},
  });
}
