import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Link, planLinks, PreconditionError, type Settings, warn } from "../../settings/index";
import { scopeOf } from "../../components/clusters/index";
import { ownOutputs, ownState, resourceKey, type StackState } from "../../stacks/engine";
import { gatewayType } from "../../components/peering/gateway";

/** A stack of `peerStacks`, as far as it is known. */
interface KnownStack {
  /** Full name. */
  readonly name: string;
  /** Whether there is such a stack, and whoever runs this may see it. */
  readonly seen: boolean;
  readonly clusters: readonly { readonly name: string }[];
}

const Own = z.object({
  clusters: z.record(z.string(), z.unknown()).default({}),
  links: z.array(z.object({ from: z.string(), to: z.string() })).default([]),
  // Absent where the stack was last deployed before it recorded them.
  peers: z.record(z.string(), z.array(z.string())).default({}),
});

/**
 * Keeps a stack from taking away links to clusters of a peer stack that can't be seen: it may be gone, and it may as well have
 * another name by now, or be one that whoever runs this may not read. A peer stack that was destroyed is seen, and has no
 * clusters.
 *
 * @throws PreconditionError in an update; a preview warns.
 */
export async function checkStandingLinks(settings: Settings, stacks: readonly KnownStack[]): Promise<void> {
  const unseen = stacks.filter(({ seen }) => !seen).map(({ name }) => name);
  if (unseen.length === 0) {
    return;
  }
  const own = Own.parse(await ownOutputs());
  const lost = lostTargets(settings, stacks, own, await ownState());
  if (lost.length === 0) {
    return;
  }
  const message =
    `peerStacks: there is no stack ${unseen.join(", ")}, or none that whoever runs this may read, and links to clusters of such a ` +
    `stack stand (${lost.join(", ")}). Correct the name, log in to the backend that has the stack, or have the right to read it. ` +
    "If the stack is gone for good, take it out of peerStacks: that takes the links away.";
  if (!pulumi.runtime.isDryRun()) {
    throw new PreconditionError(`${message} Nothing was changed.`, "docs/several-stacks.md#a-peer-that-cannot-be-seen");
  }
  warn(`${message} This plan shows them deleted; pulumi up would be refused.`);
}

/** The clusters that the stack's clusters link to by now: the state has those of an update that has failed as well. */
function standingTargets(
  clusters: Settings["clusters"],
  links: readonly Link[],
  state: StackState,
): ReadonlySet<string> {
  const beginnings = clusters
    .map(scopeOf)
    .flatMap((scope) => [
      resourceKey(gatewayType, `${scope}-peer-`),
      resourceKey("kubernetes:core/v1:Secret", `${scope}-remote-secret-`),
    ]);
  const made = [...state.keys()].flatMap((key) =>
    beginnings.flatMap((beginning) => (key.startsWith(beginning) ? [key.slice(beginning.length)] : [])),
  );
  const told = links.flatMap(({ from, to }) => (clusters.some(({ name }) => name === from) ? [to] : []));
  return new Set([...made, ...told]);
}

/** Names of the clusters that the stack has had after an update that was not completed: each has a provider. */
function formerClusters(state: StackState): string[] {
  const scopes = [...state.keys()].flatMap((key) => /^pulumi:providers:kubernetes (.+)$/.exec(key)?.[1] ?? []);
  return scopes.flatMap((scope) => [scope, scope.replace(/-[0-9a-f]{8}$/, "")]);
}

/** Those clusters linked to by now that the settings still link to, and that a stack out of sight has, as far as is known. */
function lostTargets(
  { clusters, links }: Settings,
  stacks: readonly KnownStack[],
  own: z.output<typeof Own>,
  state: StackState,
): string[] {
  const unseen = new Set(stacks.flatMap(({ name, seen }) => (seen ? [] : [name])));
  // One that was not there at the last update may be one that was, under another name.
  const renamed = [...unseen].some((name) => !Object.hasOwn(own.peers, name));
  const named = new Set(stacks.map(({ name }) => name));
  const elsewhere = (stack: string) => !unseen.has(stack) && (named.has(stack) || !renamed);
  const others = new Set([
    ...clusters.map(({ name }) => name),
    ...Object.keys(own.clusters),
    ...formerClusters(state),
    ...stacks.flatMap((stack) => stack.clusters.map(({ name }) => name)),
    ...Object.entries(own.peers).flatMap(([stack, names]) => (elsewhere(stack) ? names : [])),
  ]);
  const lost = [...standingTargets(clusters, own.links, state)].filter((name) => !others.has(name));
  const wanted = planLinks(
    links,
    clusters.map(({ name }) => name),
    lost,
  );
  return lost.filter((name) => wanted.some(({ to }) => to === name)).sort();
}
