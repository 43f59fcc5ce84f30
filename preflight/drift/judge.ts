import type { Repair, Repairs } from "../../components/clusters";
import type { Datum } from "../datum";
import { information, type Judged, type Problem } from "../problems";
import { type Run, withoutDatum } from "../unavailable";
import type { DeclaredCluster, DeclaredObject, DeclaredRelease } from "./declared";
import { newerDefinitions } from "./definitions";
import { type Drift, objectDrift, releaseDrift } from "./object-drift";
import type { LiveCluster } from "./read";
import { listed, numbered, putsBack } from "./reasons";

/** A cluster, with what the stack has declared in it, and what it has of that. */
export interface ReadCluster {
  readonly name: string;
  readonly declared: DeclaredCluster;
  /** Absent where nobody looked. */
  readonly live: Datum<LiveCluster>;
}

/** How many differences of a resource its reason names. */
const named = 3;

/**
 * What an update puts back, because it is no longer as the stack has made it. What somebody else declares as well, and another
 * root of trust, is reported and left as it is.
 *
 * @param release Of the Gateway API, which the update installs; that of the state if left out.
 * @param secretValues Whether the settings have secrets in the values of charts, which templates can put anywhere.
 */
export function judgeDrift(
  clusters: readonly ReadCluster[],
  run: Run,
  release?: string,
  secretValues = false,
): Judged<Repairs> {
  const judged = clusters.map(judgeCluster(run, release, secretValues));
  return {
    value: Object.fromEntries(judged.flatMap(({ value }) => value)),
    problems: judged.flatMap(({ problems }) => problems),
  };
}

function judgeCluster(
  run: Run,
  release: string | undefined,
  secretValues: boolean,
): (cluster: ReadCluster) => Judged<readonly (readonly [string, Repair])[]> {
  return ({ name, declared, live }) => {
    const resources = [...declared.objects, ...declared.releases];
    if (live.status !== "known") {
      const reason = live.status === "unavailable" && !live.offline ? live.reason : undefined;
      const unread =
        `Cluster ${name}: whether everything is as the stack has made it can't be read: ${reason ?? ""}. This plan takes it to be so. ` +
        "detectDrift: false in the settings leaves out the question.";
      return {
        value: resources.flatMap(recordedRepair),
        problems: reason === undefined ? [] : withoutDatum("drift", run, unread, "docs/drift.md#what-is-read"),
      };
    }
    const found = live.value;
    const managers = new Set(declared.objects.map(({ fieldManager }) => fieldManager));
    const repairs: (readonly [string, Repair])[] = [];
    const problems: Problem[] = [
      ...hiddenProblems(name, found, run),
      ...newerDefinitions(name, declared, found, release),
    ];
    const rewritten: string[] = [];
    const add = (resource: DeclaredObject | DeclaredRelease, title: string, drift: Drift) => {
      problems.push(...drift.problems);
      rewritten.push(...drift.rewritten);
      if (drift.texts.length === 0) {
        repairs.push(...recordedRepair(resource));
        return;
      }
      const what = `${title}${listed(drift.texts, named)}`;
      repairs.push([
        resource.resource,
        {
          reason: numbered(what, resource.repaired),
          notice: `Cluster ${name}: ${what}. ${putsBack(run)}`,
          actions: drift.actions,
        },
      ]);
    };
    for (const object of declared.objects) {
      add(object, "", objectDrift({ name, found, managers }, object));
    }
    for (const release of declared.releases) {
      const title = `Helm release ${release.namespace}/${release.name}: `;
      add(release, title, releaseDrift({ name, found, managers, keepTexts: secretValues }, release));
    }
    return { value: repairs, problems: [...problems, ...rewrittenProblems(name, rewritten)] };
  };
}

/** One line for all that the cluster itself changes: no plan shows it as a change. */
function rewrittenProblems(cluster: string, rewritten: readonly string[]): readonly Problem[] {
  const more = rewritten.length - named;
  return rewritten.length === 0
    ? []
    : [
        information(
          `Cluster ${cluster}: ${rewritten.slice(0, named).join("; ")}${more > 0 ? `; and ${String(more)} more` : ""}. The API server ` +
            "stores it so whoever writes it: a webhook or a policy of the cluster changes what it is given. It stays, since an update " +
            "would be changed again. If it is not meant to be so, have the webhook or policy leave out the mesh's namespaces, and run " +
            "pulumi up.",
        ),
      ];
}

/** One line for all that could not be compared. */
function hiddenProblems(cluster: string, { hidden }: LiveCluster, run: Run): readonly Problem[] {
  const [first] = hidden.keys();
  const [why] = hidden.values();
  const more = hidden.size > 1 ? ` and ${String(hidden.size - 1)} more` : "";
  const message =
    `Cluster ${cluster}: whether ${first ?? ""}${more} is as the stack has made it can't be read: ${why ?? ""}. This plan takes it to be ` +
    "so. Give whoever runs it the rights of rbac/preview.yaml, or set detectDrift: false to leave out the question.";
  return first === undefined ? [] : withoutDatum("drift", run, message, "docs/drift.md#what-is-read");
}

/** Without a new drift the reason of the last repair stays: without it each plan would show a change. */
function recordedRepair({
  resource,
  repaired,
}: DeclaredObject | DeclaredRelease): readonly (readonly [string, Repair])[] {
  return repaired === undefined ? [] : [[resource, { reason: repaired, actions: [] }]];
}
