import { withCommonValues } from "./common";
import type { ChartValues, ValuesArgs } from "./values";

/**
 * Values for upstream Istio: the same mesh without a licence. Its istiod finds the other clusters by remote secrets instead
 * of peer Gateways, so everything of peering is left out.
 */
export function communityValues(args: ValuesArgs): ChartValues {
  return withCommonValues(args, {
    istiod: {
      // Of networks there is one; this is what has istiod tell ztunnel of other clusters' workloads at all.
      env: { AMBIENT_ENABLE_MULTI_NETWORK: "true" },
      global: { meshID: "flatmesh" },
    },
    ztunnel: {},
  });
}
