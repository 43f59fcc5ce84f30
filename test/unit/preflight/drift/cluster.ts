import { asServed, type KubernetesObject } from "../../../../kubernetes";
import type { Repair } from "../../../../components/clusters";
import { known } from "../../../../preflight/datum";
import type { DeclaredCluster } from "../../../../preflight/drift/declared";
import { judgeDrift } from "../../../../preflight/drift/judge";
import type { Problem } from "../../../../preflight/problems";
import { type LiveCluster, nameOf } from "../../../../preflight/drift/read";

/** What every declared object of these tests is written by. */
export const fieldManager = "pulumi-kubernetes-0a1b2c3d";

/** An object with further fields, as the API server takes it, in istio-system unless its metadata says otherwise. */
export function object(apiVersion: string, kind: string, name: string, fields: object = {}): KubernetesObject {
  const { metadata = {}, ...rest } = fields as { readonly metadata?: object };
  return asServed({ apiVersion, kind, metadata: { name, namespace: "istio-system", ...metadata }, ...rest });
}

/** An entry of managedFields. */
export function managed(manager: string, operation: string, fieldsV1: object, subresource?: string): object {
  return { manager, operation, fieldsV1, ...(subresource !== undefined && { subresource }) };
}

/** Judges one object that is a resource of the stack, undefined where it is gone. */
export function judgeObject(declared: KubernetesObject, live: unknown, repaired?: string, release?: string) {
  const resource = `kubernetes:${declared.apiVersion}:${declared.kind} a-object`;
  const declaredObject = { resource, object: declared, fieldManager, ...(repaired !== undefined && { repaired }) };
  const { value, problems } = judge(
    { objects: [declaredObject], releases: [] },
    { objects: new Map([[nameOf(declared), live]]), trials: new Map(), hidden: new Map(), releases: new Map() },
    release,
  );
  return told(value[resource], problems);
}

/**
 * Judges the objects of a Helm release, given with what is live of each.
 *
 * @param trial What the API server would store of the first of them; undefined where it can't be asked.
 * @param secretValues Whether some of the release's values are secret.
 */
export function judgeRelease(
  parts: readonly (readonly [declared: KubernetesObject, live: unknown])[],
  records: { readonly recorded?: boolean; readonly unfinished?: string } = {},
  trial?: unknown,
  secretValues = false,
) {
  const resource = "kubernetes:helm.sh/v3:Release a-istiod";
  const release = { objects: parts.map(([declared]) => declared), recorded: true, ...records };
  const { value, problems } = judge(
    { objects: [], releases: [{ resource, name: "istiod", namespace: "istio-system", revision: 1 }] },
    {
      objects: new Map(parts.map(([declared, live]) => [nameOf(declared), live])),
      trials: new Map(parts.slice(0, 1).map(([declared]) => [nameOf(declared), trial])),
      hidden: new Map(),
      releases: new Map([[resource, release]]),
    },
    undefined,
    secretValues,
  );
  return told(value[resource], problems);
}

/** A repair, and everything that whoever runs the program reads. */
function told(repair: Repair | undefined, problems: readonly Problem[]) {
  const notices = repair?.notice === undefined ? [] : [`information: ${repair.notice}`];
  return {
    repair: repair && { reason: repair.reason, actions: repair.actions },
    problems: [...notices, ...problems.map(({ severity, message }) => `${severity}: ${message}`)],
  };
}

function judge(declared: DeclaredCluster, live: LiveCluster, release?: string, secretValues?: boolean) {
  return judgeDrift([{ name: "a", declared, live: known(live) }], "update", release, secretValues);
}
