import { isDeepStrictEqual } from "node:util";
import { type KubernetesObject, type RepairAction, titleOf } from "../../kubernetes";
import { type Problem, warning } from "../problems";
import { type Difference, differences, fieldsOf } from "./compare";
import type { DeclaredObject, DeclaredRelease } from "./declared";
import { isOfNewerRelease } from "./definitions";
import { ownershipOf } from "./field-managers";
import { type LiveCluster, type LiveRelease, nameOf } from "./read";
import { textOf } from "./texts";

/** What is wrong in one resource. */
export interface Drift {
  readonly texts: readonly string[];
  readonly actions: readonly RepairAction[];
  /** What the API server changes again, whoever puts it back. */
  readonly rewritten: readonly string[];
  readonly problems: readonly Problem[];
}

/** Where something is compared. */
export interface Place {
  /** The cluster. */
  readonly name: string;
  readonly found: LiveCluster;
  /** The stack's own field managers. */
  readonly managers: ReadonlySet<string>;
  /** Whether texts that differ are kept back: some of them may be secret. */
  readonly keepTexts?: boolean;
}

const noDrift: Drift = { texts: [], actions: [], rewritten: [], problems: [] };

/** What of an object that is a resource of the stack is no longer as it was declared. */
export function objectDrift(place: Place, { object, fieldManager }: DeclaredObject): Drift {
  const apply: RepairAction = { kind: "apply", object, fieldManager };
  const title = titleOf(object);
  const key = nameOf(object);
  if (place.found.hidden.has(key)) {
    return noDrift;
  }
  const live = place.found.objects.get(key);
  if (live === undefined) {
    return { ...noDrift, texts: [`${title} is missing`], actions: [apply] };
  }
  if (isGoing(live)) {
    return { ...noDrift, texts: [`${title} is being deleted`], actions: [apply] };
  }
  if (isOfNewerRelease(object, live)) {
    return noDrift;
  }
  const { repaired, rewritten, problems } = sorted(place, object, live);
  if (repaired.length > 0 && hasOtherRoot(object, live)) {
    return { ...noDrift, problems: [...problems, otherRoot(place.name)] };
  }
  const textsOf = (some: readonly Difference[]) =>
    some.map((one) => `${title}: ${textOf(one, object, place.keepTexts)}`);
  return {
    texts: textsOf(repaired),
    actions: repaired.length > 0 ? [apply] : [],
    rewritten: textsOf(rewritten),
    problems,
  };
}

function isGoing(live: unknown): boolean {
  return fieldsOf(fieldsOf(live)["metadata"])["deletionTimestamp"] !== undefined;
}

/** The differences of an object, by what becomes of them. */
interface Sorted {
  /** An update puts these back. */
  readonly repaired: readonly Difference[];
  /** The API server would change these again, whoever puts them back. */
  readonly rewritten: readonly Difference[];
  readonly problems: readonly Problem[];
}

function sorted({ name, found, managers, keepTexts }: Place, object: KubernetesObject, live: unknown): Sorted {
  const judged = differences(object, fieldsOf(live)).map((difference) => ({
    difference,
    ownership: ownershipOf(live, difference.path, managers),
  }));
  const trial = found.trials.get(nameOf(object));
  const lasting = trial === undefined ? undefined : differences(object, fieldsOf(trial));
  const isRewritten = ({ difference, ownership }: (typeof judged)[number]) =>
    // Who may only read can't try it: then the field counts as rewritten if nobody else has written it since.
    lasting === undefined ? ownership.verdict === "own" : lasting.some((one) => isDeepStrictEqual(one, difference));
  const own = judged.filter(({ ownership }) => ["own", "repair"].includes(ownership.verdict));
  return {
    repaired: own.filter((one) => !isRewritten(one)).map(({ difference }) => difference),
    rewritten: own.filter(isRewritten).map(({ difference }) => difference),
    problems: judged.flatMap(({ difference, ownership }) =>
      ownership.verdict === "declared elsewhere"
        ? [
            warning(
              `Cluster ${name}: ${titleOf(object)}: ${textOf(difference, object, keepTexts)}, since ${ownership.manager} declares it as well. It ` +
                `stays. Either remove the field, or the object, from what ${ownership.manager} applies, and run pulumi up, which puts ` +
                "it back once the field is nobody else's; or leave it to the other, and set detectDrift: false to hear no more of it.",
            ),
          ]
        : [],
    ),
  };
}

/** Whether somebody has given istiod another root; one that is gone is put back. */
function hasOtherRoot(object: KubernetesObject, live: unknown): boolean {
  if (object.kind !== "Secret" || object.metadata.name !== "cacerts") {
    return false;
  }
  const root = (from: unknown) => fieldsOf(fieldsOf(from)["data"])["root-cert.pem"];
  const given = root(live);
  return typeof given === "string" && given !== "" && given !== root(object);
}

function otherRoot(cluster: string): Problem {
  return warning(
    `Cluster ${cluster}: Secret istio-system/cacerts has another root of trust than the stack has given it. It stays, since whole meshes ` +
      "may trust it. To have the stack's own again: kubectl delete secret -n istio-system cacerts in that cluster, and pulumi up; a " +
      "further root that should be trusted goes into root.alsoTrusted first. Or hand the Secret over to whoever has written it: " +
      "docs/certificates.md#handing-cacerts-over.",
  );
}

/** Kinds of the API server itself, whose fields Helm puts back; of custom resources and definitions it changes what its manifest changes. */
const typed =
  /^(v1|(apps|batch|autoscaling|policy|(rbac\.authorization|admissionregistration|networking|storage|scheduling|coordination|discovery)\.k8s\.io)\/.*)$/;

/** By which an update puts back what Helm does not. */
const repairManager = "flatmesh";

/** The same of all that a Helm release consists of. */
export function releaseDrift(place: Place, release: DeclaredRelease): Drift {
  const live = place.found.releases.get(release.resource);
  if (live === undefined) {
    return noDrift;
  }
  const texts: string[] = [];
  const actions: RepairAction[] = [];
  const rewritten: string[] = [];
  const problems: Problem[] = [];
  if (!live.recorded) {
    const { name, namespace } = release;
    texts.push("Helm has no record of it that an upgrade could begin with");
    actions.push({ kind: "record", release: { name, namespace } });
  }
  if (live.unfinished !== undefined) {
    texts.push(`its last change did not succeed (Helm's status: ${live.unfinished})`);
  }
  for (const object of live.objects) {
    const drift = partDrift(place, object, live);
    texts.push(...drift.texts);
    actions.push(...drift.actions);
    rewritten.push(...drift.rewritten);
    problems.push(...drift.problems);
  }
  return { texts, actions, rewritten, problems };
}

/** The drift of one of a release's objects. */
function partDrift(place: Place, object: KubernetesObject, release: LiveRelease): Drift {
  const key = nameOf(object);
  const current = place.found.objects.get(key);
  const title = titleOf(object);
  if (place.found.hidden.has(key)) {
    return noDrift;
  }
  if (current === undefined) {
    return { ...noDrift, texts: [`${title} is missing`] };
  }
  const apply: RepairAction = { kind: "apply", object, fieldManager: repairManager };
  if (isGoing(current)) {
    return { ...noDrift, texts: [`${title} is being deleted`], actions: [apply] };
  }
  const { repaired, rewritten, problems } = sorted(place, object, current);
  const textsOf = (some: readonly Difference[]) =>
    some.map((one) => `${title}: ${textOf(one, object, place.keepTexts)}`);
  const texts = textsOf(repaired);
  const actions: RepairAction[] = repaired.length > 0 && !typed.test(object.apiVersion) ? [apply] : [];
  const replicas = stopped(object, current) ? leastReplicas(object, release.objects) : undefined;
  if (replicas !== undefined) {
    const { apiVersion, kind, metadata } = object;
    const { name, namespace } = metadata;
    texts.push(`${title}: spec.replicas is 0 instead of ${String(replicas)}`);
    actions.push({
      kind: "patch",
      object: { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) },
      patch: { spec: { replicas } },
    });
  }
  return { texts, actions, rewritten: textsOf(rewritten), problems };
}

/** Whether something has no pods any more, of which the manifest leaves the number to an autoscaler: at zero that does nothing. */
function stopped({ kind, spec }: KubernetesObject, live: unknown): boolean {
  const isWorkload = ["Deployment", "StatefulSet"].includes(kind);
  const replicas = fieldsOf(fieldsOf(live)["spec"])["replicas"];
  return isWorkload && fieldsOf(spec)["replicas"] === undefined && replicas === 0;
}

/** What the release's autoscaler of a workload begins with; 1 without one. */
function leastReplicas({ kind, metadata }: KubernetesObject, objects: readonly KubernetesObject[]): number {
  const scaler = objects.find((one) => {
    const target = fieldsOf(fieldsOf(one["spec"])["scaleTargetRef"]);
    return one.kind === "HorizontalPodAutoscaler" && target["kind"] === kind && target["name"] === metadata.name;
  });
  const least = fieldsOf(scaler?.["spec"])["minReplicas"];
  return typeof least === "number" && least > 0 ? least : 1;
}
