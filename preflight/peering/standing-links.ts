import { gatewayType } from "../../components/peering";
import { type Link, planLinks, type Settings } from "../../settings";
import { type RecordedOutputs, resourceKey, type StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import type { OwnStack } from "../engine";

/** A stack of `peerStacks`. */
interface KnownStack {
  /** Full name. */
  readonly name: string;
  /** Whether its outputs could be read. */
  readonly seen: boolean;
  readonly clusters: readonly { readonly name: string }[];
}

/** The clusters that this stack's clusters link to already. The state also has those of a failed update. */
function standingTargets(
  clusters: readonly PlannedCluster[],
  links: readonly Link[],
  state: StackState,
): ReadonlySet<string> {
  const beginnings = clusters.flatMap(({ namePrefix }) => [
    resourceKey(gatewayType, `${namePrefix}-peer-`),
    resourceKey("kubernetes:core/v1:Secret", `${namePrefix}-remote-secret-`),
  ]);
  const made = [...state.keys()].flatMap((key) =>
    beginnings.flatMap((beginning) => (key.startsWith(beginning) ? [key.slice(beginning.length)] : [])),
  );
  const recorded = links.flatMap(({ from, to }) => (clusters.some(({ name }) => name === from) ? [to] : []));
  return new Set([...made, ...recorded]);
}

/** Names of the clusters in the state, after a failed update as well: each has a provider. */
function formerClusters(state: StackState): string[] {
  const prefixes = [...state.keys()].flatMap((key) => /^pulumi:providers:kubernetes (.+)$/.exec(key)?.[1] ?? []);
  return prefixes.flatMap((prefix) => [prefix, prefix.replace(/-[0-9a-f]{8}$/, "")]);
}

/**
 * The linked clusters that the settings still link to and that, as far as is known, belong to a stack that can't be seen; empty if
 * all stacks can be seen. Such a stack may be gone, renamed, or not readable for whoever runs this. One that was destroyed can be
 * seen, and has no clusters.
 */
export function lostTargets(
  clusters: readonly PlannedCluster[],
  links: Settings["links"],
  stacks: readonly KnownStack[],
  { outputs, state }: OwnStack,
): readonly string[] {
  const unseen = new Set(stacks.flatMap(({ name, seen }) => (seen ? [] : [name])));
  if (unseen.size === 0) {
    return [];
  }
  const { clusters: before = {}, links: established = [], peers = {} }: RecordedOutputs = outputs;
  // A stack that the last update did not have may be a renamed one that it had.
  const renamed = [...unseen].some((name) => !Object.hasOwn(peers, name));
  const named = new Set(stacks.map(({ name }) => name));
  const elsewhere = (stack: string) => !unseen.has(stack) && (named.has(stack) || !renamed);
  const others = new Set([
    ...clusters.map(({ name }) => name),
    ...Object.keys(before),
    ...formerClusters(state),
    ...stacks.flatMap((stack) => stack.clusters.map(({ name }) => name)),
    ...Object.entries(peers).flatMap(([stack, names]) => (elsewhere(stack) ? names : [])),
  ]);
  const lost = [...standingTargets(clusters, established, state)].filter((name) => !others.has(name));
  const wanted = planLinks(
    links,
    clusters.map(({ name }) => name),
    lost,
  );
  return lost.filter((name) => wanted.some(({ to }) => to === name)).sort();
}
