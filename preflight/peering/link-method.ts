import { peeringRelease } from "../../components/peering";
import { planLinks, type Settings } from "../../settings";
import { resourceKey, type StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import { failure, type Problem } from "../problems";

/**
 * Refuses to change the link method while links stay: both methods give the Gateways the same names, and the engine creates before
 * it deletes. Helm does not take over Gateways that it did not install ("invalid ownership metadata"), nor can one be created that
 * exists already. Other names would satisfy the engine, but istiod knows a peer by a single Gateway.
 *
 * @param peers Names of the clusters of peer stacks.
 */
export function judgeLinkMethod(
  { distribution, linkMethod, links }: Pick<Settings, "distribution" | "linkMethod" | "links">,
  clusters: readonly PlannedCluster[],
  state: StackState,
  peers: readonly string[],
): readonly Problem[] {
  if (distribution !== "solo") {
    return [];
  }
  const prefixes = new Map(clusters.map(({ name, namePrefix }) => [name, namePrefix]));
  const conflicting = planLinks(links, [...prefixes.keys()], peers).flatMap(({ from, to }) => {
    const prefix = prefixes.get(from) ?? from;
    const obstacle =
      linkMethod === "chart"
        ? resourceKey("kubernetes:gateway.networking.k8s.io/v1:Gateway", `${prefix}-peer-${to}`)
        : resourceKey("kubernetes:helm.sh/v3:Release", `${prefix}-${peeringRelease}`);
    return state.has(obstacle) ? [from] : [];
  });
  if (conflicting.length === 0) {
    return [];
  }
  const other = linkMethod === "chart" ? "gateways" : "chart";
  return [
    failure(
      `linkMethod: ${linkMethod} can't take over links that ${other} made (in ${[...new Set(conflicting)].join(", ")}): the Gateways ` +
        "have the same names. Change it in two steps: write links: [] and run pulumi up, which removes the old links (calls " +
        `stay in their own cluster meanwhile); then write linkMethod: ${linkMethod} and your links again, and run pulumi up.`,
      "docs/day-2.md#changing-the-link-method",
    ),
  ];
}
