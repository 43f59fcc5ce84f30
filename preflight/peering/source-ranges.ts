import { overlap, parseSubnet, planLinks, type Settings } from "../../settings";
import type { PlannedCluster } from "../cluster-plan";
import { type Problem, warning } from "../problems";

/** The pods of a cluster of this stack, or of one that it peers with; no subnets if they are not known. */
interface Pods {
  readonly cluster: string;
  readonly subnets: readonly string[];
}

/**
 * Warns of linked clusters whose control planes the source ranges of an east-west Gateway obviously keep out. What they are masqueraded
 * to on the way, if to anything, is not known here.
 */
export function judgeSourceRanges(
  { links, distribution }: Pick<Settings, "links" | "distribution">,
  clusters: readonly PlannedCluster[],
  pods: readonly Pods[],
): readonly Problem[] {
  if (distribution !== "solo") {
    return [];
  }
  const everyone = [...new Set([...clusters.map(({ name }) => name), ...pods.map(({ cluster }) => cluster)])];
  const all = planLinks(links, everyone, []);
  return clusters.flatMap(({ name, settings }) => {
    const ranges = settings.eastWestGateway?.loadBalancerSourceRanges ?? [];
    const subnets = ranges.filter((range) => !range.includes(":")).map(parseSubnet);
    const callers = pods.filter(({ cluster }) => all.some(({ from, to }) => from === cluster && to === name));
    const outside = callers.filter(
      (caller) =>
        caller.subnets.length > 0 &&
        !caller.subnets.some((subnet) => subnets.some((range) => overlap(range, parseSubnet(subnet)))),
    );
    return ranges.length === 0
      ? []
      : outside.map((caller) =>
          warning(
            `Cluster ${name}: eastWestGateway.loadBalancerSourceRanges (${ranges.join(", ")}) has none of the pods of ` +
              `${caller.cluster} (${caller.subnets.join(", ")}), whose control plane calls the east-west Gateway to learn of services. Add them, ` +
              "unless the network masquerades them to an address in those ranges.",
          ),
        );
  });
}
