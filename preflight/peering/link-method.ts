import { PreconditionError, type Settings, planLinks } from "../../settings/index";
import { scopeOf } from "../../components/clusters/index";
import { ownResources, resourceKey } from "../../stacks/engine";
import type { PeerStacks } from "./peer-stacks";
import { peeringRelease } from "../../components/peering/peering-chart";

/**
 * Refuses to change the link method under links that stay: both methods give the same Gateways the same names, and what comes
 * is made before what goes. Helm would not take over Gateways that it has not made ("invalid ownership metadata"), nor would
 * one be declared that is there already. Other names would do for the engine, but istiod knows a peer by one Gateway.
 *
 * @throws PreconditionError with the way to do it.
 */
export async function checkLinkMethod(settings: Settings, { peers }: PeerStacks): Promise<void> {
  const { clusters, distribution, linkMethod } = settings;
  if (distribution !== "solo") {
    return;
  }
  const state = await ownResources();
  const links = planLinks(
    settings.links,
    clusters.map(({ name }) => name),
    peers.map(({ name }) => name),
  );
  const scopes = new Map(clusters.map((cluster) => [cluster.name, scopeOf(cluster)]));
  const inTheWay = links.filter(({ from, to }) => {
    const scope = scopes.get(from) ?? from;
    return linkMethod === "chart"
      ? state.has(resourceKey("kubernetes:gateway.networking.k8s.io/v1:Gateway", `${scope}-peer-${to}`))
      : state.has(resourceKey("kubernetes:helm.sh/v3:Release", `${scope}-${peeringRelease}`));
  });
  if (inTheWay.length > 0) {
    const other = linkMethod === "chart" ? "gateways" : "chart";
    throw new PreconditionError(
      `linkMethod: ${linkMethod} can't take over links that ${other} has made (in ${names(inTheWay)}): the Gateways have the same ` +
        "names. Change it in two steps: write links: [] and run pulumi up, which takes the old links away (calls stay in " +
        `their own cluster meanwhile); then write linkMethod: ${linkMethod} and your links again, and run pulumi up.`,
      "docs/day-2.md#changing-the-link-method",
    );
  }
}

function names(links: readonly { readonly from: string }[]): string {
  return [...new Set(links.map(({ from }) => from))].join(", ");
}
