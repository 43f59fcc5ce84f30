import type { Roots } from "../../components/trust";
import { countText, notYetTrusting, readTrust, stillDepending } from "../../istio";
import type { Access } from "../../kubernetes";
import type { DocsSection } from "../../diagnostics";
import type { RootSettings, Settings } from "../../settings";
import type { PeerOutputs } from "../../stacks/peer-outputs";
import type { PlannedCluster } from "../cluster-plan";
import { type Datum, offlineSwitch } from "../datum";
import type { OwnStack } from "../engine";
import { failure, information, type Problem, warning } from "../problems";
import { type Run, withoutDatum } from "../unavailable";
import { clustersWithoutAccess, skippedStageRemedy } from "./current-roots";
import { type PeerStackOutputs, readPeerTrust, type Trust } from "./peer-trust";
import { namesByKey, type RotationStage, stageBetween } from "./rotation-stage";

/** A change of the roots, or none, with what the clusters show. */
export interface Rotation {
  /** Undefined if they are not known, or there is nothing to break yet. */
  readonly roots: { readonly has: Roots; readonly wants: Roots } | undefined;
  readonly stage: RotationStage;
  /** Read if a root begins to sign or is dropped. */
  readonly trust: Trust;
}

export interface RotationArgs {
  readonly settings: Settings;
  readonly clusters: readonly PlannedCluster[];
  readonly own: OwnStack;
  /** Access to each cluster of the stack, by name. */
  readonly access: ReadonlyMap<string, Access>;
  readonly peers: PeerStackOutputs;
  readonly has: Datum<Roots>;
  readonly wants: Roots | undefined;
  readonly offline: boolean;
}

/** Reads clusters, including those of peer stacks, only if the settings have another root sign, or drop one. */
export async function readRotation(args: RotationArgs): Promise<Rotation> {
  const { has, wants } = args;
  if (has.status !== "known" || wants === undefined) {
    return { roots: undefined, stage: { kind: "none" }, trust: { facts: [], unseen: [] } };
  }
  const roots = { has: has.value, wants };
  const stage = stageBetween(roots.has, roots.wants);
  const looks = stage.kind === "sign" || stage.kind === "drop";
  return { roots, stage, trust: looks ? await readAllTrust(args) : { facts: [], unseen: [] } };
}

async function readAllTrust({ clusters, own, access, peers, offline }: RotationArgs): Promise<Trust> {
  if (offline) {
    return { facts: [], unseen: [`no cluster was looked at, since ${offlineSwitch} is set.`] };
  }
  const [facts, ofPeers] = await Promise.all([
    Promise.all([...access].map(([name, one]) => readTrust(name, one))),
    readPeerTrust(peers),
  ]);
  return {
    facts: [...facts, ...ofPeers.facts],
    unseen: [...clustersWithoutAccess(clusters, own.state, access), ...ofPeers.unseen],
  };
}

/** Refuses a change of the roots that would break trust. */
export function judgeRotation(
  { roots, stage, trust }: Rotation,
  { settings: { root }, own, peers, has }: RotationArgs,
  run: Run,
): readonly Problem[] {
  const { unverified } = root;
  if (has.status === "unavailable") {
    return withoutDatum("externalCacerts", run, unknownRoots(has.reason), externalSection);
  }
  const judgeable = stage.kind === "sign" || stage.kind === "drop";
  const unused =
    unverified !== undefined && !(judgeable && stage.root.name === unverified)
      ? [
          warning(
            `root.unverified names root ${unverified}, which this update does not change: take it out of the settings.`,
          ),
        ]
      : [];
  if (roots === undefined || stage.kind === "none") {
    return unused;
  }
  if (stage.kind === "skipped") {
    return judgeSkipped(roots, root, own);
  }
  return [...judgeStage({ stage, roots, trust, root, peers, run }), ...unused];
}

/** A root that another stack has lost for good can't be trusted together with the new one, so the stage has to be skipped. */
function judgeSkipped({ has, wants }: NonNullable<Rotation["roots"]>, root: RootSettings, own: OwnStack): Problem[] {
  return root.source === "stack" && root.unverified === wants.signing
    ? [
        warning(
          `root: a stage is skipped, since root.unverified names root ${wants.signing}. Calls between clusters fail until every stack of ` +
            "the mesh has the same root, and every workload a new certificate: run pulumi up on all of them, with another text in " +
            "root.reissue, and take root.unverified out of the settings.",
        ),
      ]
    : [failure(skippedText(has, wants) + skippedStageRemedy(root, own, wants), refusals)];
}

interface Judgement {
  readonly stage: Extract<RotationStage, { readonly kind: "sign" | "drop" }>;
  readonly roots: NonNullable<Rotation["roots"]>;
  readonly trust: Trust;
  readonly root: RootSettings;
  readonly peers: PeerStackOutputs;
  readonly run: Run;
}

function judgeStage({ stage, roots, trust, root: settings, peers, run }: Judgement): readonly Problem[] {
  const { kind, root } = stage;
  const names = new Map([...namesByKey(roots.has), ...namesByKey(roots.wants)]);
  const judge = kind === "sign" ? notYetTrusting : stillDepending;
  const refused = [
    ...[...peers].flatMap(([name, outputs]) => peerProblems(stage, name, outputs)),
    ...trust.facts.flatMap((cluster) => judge(root, cluster).map((reason) => `cluster ${cluster.cluster}: ${reason}.`)),
  ];
  const unseen = [
    ...trust.unseen,
    ...trust.facts.flatMap(({ cluster, unseen: list }) => list.map((reason) => `cluster ${cluster}: ${reason}.`)),
    ...unlistedClusters(settings, peers),
  ];
  const counts = trust.facts
    .filter(({ workloads }) => workloads.length > 0)
    .map((cluster) => `cluster ${cluster.cluster} has ${countText(cluster, names)}.`);
  if (refused.length > 0) {
    const what = `root ${root.name} can't ${kind === "sign" ? "sign" : "be dropped"} yet`;
    return [failure(`root: ${what}; nothing was changed:\n${list([...refused, ...unseen, ...counts])}`, refusals)];
  }
  if (unseen.length > 0 && settings.unverified !== root.name) {
    return withoutDatum(
      "clusterTrust",
      run,
      `root: whether root ${root.name} can ${kind === "sign" ? "sign" : "be dropped"} is not known, since not everything ` +
        `could be looked at:\n${list([...unseen, ...counts])}\nMake it reachable from here. If you know by other means that ` +
        `${kind === "sign" ? "everything there trusts it" : "nothing there depends on it"}, write unverified: ` +
        `"${root.name}" next to the root for this one pulumi up.`,
      refusals,
    );
  }
  return counts.map((count) =>
    information(`Before root ${root.name} ${kind === "sign" ? "signs" : "is dropped"}: ${count}`),
  );
}

/** The section on what is refused, and why. */
const refusals: DocsSection = "docs/root-rotation.md#what-is-refused";
const externalSection: DocsSection = "docs/root-rotation.md#where-someone-else-keeps-cacerts";

function unknownRoots(reasons: string): string {
  return (
    "root: the certificates of this stack's clusters were managed elsewhere so far, and whether they accept what this stack " +
    `would sign is not known:\n${reasons}\nMake them reachable from here, or write root: {existing: true} again.`
  );
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `  - ${sentence}`).join("\n");
}

/** What a peer stack's outputs rule out, whether its clusters can be reached or not. */
function peerProblems({ kind, root }: Judgement["stage"], name: string, outputs: Datum<PeerOutputs>): string[] {
  const roots = outputs.status === "known" ? outputs.value.roots : undefined;
  if (roots === undefined) {
    return [];
  }
  const keys = namesByKey(roots);
  if (kind === "sign") {
    return keys.has(root.key) ? [] : [`${name} does not trust root ${root.name} yet: run pulumi up on it first.`];
  }
  const signing = [...keys].find(([, own]) => own === roots.signing)?.[0];
  return signing === root.key ? [`${name} still signs with root ${root.name}: run pulumi up on it first.`] : [];
}

/** Clusters that this stack signs for, but whose stack it does not know. */
function unlistedClusters(root: RootSettings, peers: PeerStackOutputs): string[] {
  const listed = [...peers.values()].flatMap((outputs) =>
    outputs.status === "known" ? (outputs.value.clusters ?? []).map(({ name }) => name) : [],
  );
  return "issueFor" in root
    ? root.issueFor
        .filter((name) => !listed.includes(name))
        .map((name) => `cluster ${name} of issueFor belongs to no stack in peerStacks: name its stack there.`)
    : [];
}

function skippedText(has: Roots, wants: Roots): string {
  const text = ({ trusted, signing }: Roots) =>
    `trusts ${[...trusted.keys()].join(" and ")}, and signs with ${signing}`;
  return (
    `root: a stage is skipped; nothing was changed. This stack ${text(has)}; wanted is one that ${text(wants)}. Calls would ` +
    "fail until every workload has the new certificates. Make one change at a time, with a pulumi up of every stack of the " +
    "mesh after each: first trust both roots, then let the new one sign, then take the old one out. The same way leads back."
  );
}
