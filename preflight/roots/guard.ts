import * as pulumi from "@pulumi/pulumi";
import { countText, lookAtTrust, notYetTrusting, stillDepending } from "../../istio/index";
import { inform, PreconditionError, type Settings, warn } from "../../settings/index";
import { ownClusters } from "../../components/clusters/index";
import { ownOutputs, ownState, type StackState } from "../../stacks/engine";
import { type Roots, wantedRoots } from "../../components/trust/index";
import { checkHandOver } from "./cacerts-handover";
import { rootsBefore, untold, wayOut } from "./current-roots";
import { lookAtPeers, type PeerStack, readPeers } from "./peer-clusters";
import { keyed, type Step, stepBetween } from "./rotation-stage";

export { reissueAnnotation, reissues } from "./reissue";
export { untilTaken } from "../../components/mesh/istiod-reload";

/**
 * Refuses a change of the roots that would break trust, before anything is made. It looks at clusters, those of peer stacks
 * included, only where the settings want another root to sign, or no longer trust one.
 *
 * @throws PreconditionError
 */
export async function guardRoots(settings: Settings): Promise<void> {
  if (settings.root.source === "existing") {
    await checkHandOver(settings);
    return;
  }
  const [own, state] = await Promise.all([ownOutputs(), ownState()]);
  const [has, wants] = await Promise.all([rootsBefore(settings, own, state), wantedRoots(settings, state)]);
  // Before the first update there is nothing to break; roots that nobody tells of are refused where they are taken.
  const step = has && wants ? stepBetween(has, wants) : ({ kind: "none" } as const);
  const { unverified } = settings.root;
  if (has && wants && step.kind === "skip") {
    // A root that another stack has lost for good can't be had beside the new one: whoever takes it has no stage to go by.
    if (settings.root.source !== "stack" || unverified !== wants.signing) {
      throw new PreconditionError(skipped(has, wants) + wayOut(settings, own, state, wants), refusals);
    }
    warn(
      `root: a stage is skipped, since root.unverified names root ${unverified}. Calls between clusters fail until every stack of ` +
        "the mesh has the same root, and every workload a new certificate: run pulumi up on all of them, with another text in " +
        "root.reissue, and take root.unverified out of the settings.",
    );
    return;
  }
  const used = has && wants && (step.kind === "sign" || step.kind === "drop");
  if (used) {
    await checkClusters({ settings, step, state, has, wants, unverified });
  }
  if (unverified !== undefined && !(used && step.root.name === unverified)) {
    warn(
      `root.unverified names root ${unverified}, and no change of this update is about it: take it out of the settings.`,
    );
  }
}

interface Change {
  readonly settings: Settings;
  readonly step: Extract<Step, { kind: "sign" | "drop" }>;
  readonly state: StackState;
  readonly has: Roots;
  readonly wants: Roots;
  readonly unverified: string | undefined;
}

async function checkClusters({ settings, step, state, has, wants, unverified }: Change): Promise<void> {
  const { root } = step;
  const peers = await readPeers(settings.peerStacks);
  const ours = [...ownClusters(settings.clusters, state)];
  const theirs = await lookAtPeers(peers);
  const facts = [...(await Promise.all(ours.map(([name, access]) => lookAtTrust(name, access)))), ...theirs.facts];

  const names = new Map([...keyed(has), ...keyed(wants)]);
  const judge = step.kind === "sign" ? notYetTrusting : stillDepending;
  const faults = [
    ...peers.flatMap((peer) => peerFaults(step, peer)),
    ...facts.flatMap((cluster) => judge(root, cluster).map((fault) => `cluster ${cluster.cluster}: ${fault}.`)),
  ];
  const unseen = [
    ...untold(settings, state),
    ...facts.flatMap(({ cluster, unseen: list }) => list.map((reason) => `cluster ${cluster}: ${reason}.`)),
    ...theirs.unseen,
    ...strangers(
      settings,
      peers.flatMap(({ told }) => (told?.clusters ?? []).map(({ name }) => name)),
    ),
  ];
  const counts = facts
    .filter(({ workloads }) => workloads.length > 0)
    .map((cluster) => `cluster ${cluster.cluster} has ${countText(cluster, names)}.`);
  const what = step.kind === "sign" ? `root ${root.name} can't sign yet` : `root ${root.name} can't be dropped yet`;
  if (faults.length > 0) {
    throw new PreconditionError(
      `root: ${what}; nothing was changed:\n${list([...faults, ...unseen, ...counts])}`,
      refusals,
    );
  }
  if (unseen.length > 0 && unverified !== root.name) {
    const message =
      `root: whether root ${root.name} can ${step.kind === "sign" ? "sign" : "be dropped"} is not known, since not everything ` +
      `could be looked at:\n${list([...unseen, ...counts])}\nMake it reachable from here. If you know by other means that ` +
      `${step.kind === "sign" ? "everything there trusts it" : "nothing there depends on it"}, write unverified: ` +
      `"${root.name}" beside the root for this one pulumi up.`;
    if (!pulumi.runtime.isDryRun()) {
      throw new PreconditionError(message, refusals);
    }
    warn(message);
    return;
  }
  counts.forEach((count) => {
    inform(`Before root ${root.name} ${verb[step.kind]}: ${count}`);
  });
}

/** Where the documents say what is refused, and why. */
const refusals = "docs/root-rotation.md#what-is-refused";

const verb = { sign: "signs", drop: "is dropped" } as const;

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `  - ${sentence}`).join("\n");
}

/** What a peer stack's own word forbids, whether its clusters can be reached or not. */
function peerFaults({ kind, root }: Change["step"], { name, told }: PeerStack): string[] {
  const roots = told?.roots;
  if (roots === undefined) {
    return [];
  }
  const keys = keyed(roots);
  if (kind === "sign") {
    return keys.has(root.key) ? [] : [`${name} does not trust root ${root.name} yet: run pulumi up on it first.`];
  }
  const signing = [...keys].find(([, own]) => own === roots.signing)?.[0];
  return signing === root.key ? [`${name} still signs with root ${root.name}: run pulumi up on it first.`] : [];
}

/** Clusters that this stack signs for, of stacks that it does not know. */
function strangers({ root }: Settings, known: readonly string[]): string[] {
  return "issueFor" in root
    ? root.issueFor
        .filter((name) => !known.includes(name))
        .map((name) => `cluster ${name} of issueFor is of no stack in peerStacks: name its stack there.`)
    : [];
}

function skipped(has: Roots, wants: Roots): string {
  const text = ({ trusted, signing }: Roots) =>
    `trusts ${[...trusted.keys()].join(" and ")}, and signs with ${signing}`;
  return (
    `root: a stage is skipped; nothing was changed. This stack ${text(has)}; wanted is one that ${text(wants)}. Calls would ` +
    "fail until every workload has the new certificates. Make one change at a time, with a pulumi up of every stack of the " +
    "mesh after each: first trust both roots, then let the new one sign, then take the old one out. The same way leads back."
  );
}
