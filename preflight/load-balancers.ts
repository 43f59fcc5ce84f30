import type { Settings } from "../settings";
import { resourceKey, type StackState } from "../stacks";
import { information, type Judged } from "./problems";

/** What provides the addresses of kind clusters' load balancers. */
export type LoadBalancerSettings = Settings["loadBalancer"];

/**
 * Earlier versions gave every stack with kind clusters load balancers. They stay until the settings say otherwise: Services of the
 * stack's user may have addresses of theirs.
 */
export function judgeLoadBalancers(
  { loadBalancer, keepsLoadBalancers }: Pick<Settings, "loadBalancer" | "keepsLoadBalancers">,
  state: StackState,
): Judged<LoadBalancerSettings> {
  if (!keepsLoadBalancers || !state.has(resourceKey("flatmesh:clusters:LoadBalancers", "load-balancers"))) {
    return { value: loadBalancer, problems: [] };
  }
  return {
    value: {},
    problems: [
      information(
        "The stack keeps its load balancers, which an earlier version has made, although the mesh of the community distribution does not " +
          "need them. If no Service of yours does either, remove them: pulumi config set flatmesh:loadBalancer none. To keep them " +
          "without this message: pulumi config set flatmesh:loadBalancer cloud-provider-kind.",
      ),
    ],
  };
}
