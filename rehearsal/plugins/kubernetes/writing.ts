import { setTimeout as sleep } from "node:timers/promises";
import { redact } from "../protocol/redact";
import { asText } from "../protocol/values";
import type { Json, JsonObject, Props } from "../protocol/values";
import { ApiError, isNotFound } from "./cluster";
import type { Cluster } from "./cluster";
import { NoMatch } from "./discovery";
import type { Discovery } from "./discovery";
import { field, idOf, kindOf, nameOf, namespaceOf, text, withMetadata } from "./object";
import type { KubeObject } from "./object";

/** The name under which Pulumi's provider creates; updates then belong to a manager of the resource's own. */
const CREATOR = "pulumi-kubernetes";

/** Those whose fields an update takes over without asking, as Pulumi's provider does. */
const PREDECESSORS = [CREATOR, "kubectl", "before-first-apply"];

const APPLY = "application/apply-patch+yaml";

/** A namespace or a definition that is being made at the same time is waited for, as long as Pulumi's provider does. */
const RETRY_PAUSES_MS = [100, 200, 400, 800, 1500, 3000, 5000, 10_000, 10_000];

export interface Write {
  readonly cluster: Cluster;
  readonly discovery: Discovery;
  readonly object: KubeObject;
  readonly fieldManager: string;
  readonly dryRun: boolean;
  /** Take fields from other managers. */
  readonly force: boolean;
}

/** Creates an object; one of its name that is already there is an error. */
export async function create(write: Write): Promise<KubeObject> {
  return withRetries(write.dryRun, async () => {
    const { cluster, discovery, object } = write;
    const path = await discovery.path(kindOf(object), namespaceOf(object));
    return cluster.ask("POST", path, { body: object, query: { fieldManager: CREATOR, ...dryRun(write) } });
  });
}

/** Server-side apply: the object becomes what is given, where its manager has a say. */
export async function apply(write: Write): Promise<KubeObject> {
  return withRetries(write.dryRun, async () => {
    const { cluster, discovery, object, fieldManager, force } = write;
    return cluster.ask("PATCH", await discovery.path(kindOf(object), namespaceOf(object), nameOf(object)), {
      body: object,
      contentType: APPLY,
      query: { fieldManager, force: String(force), ...dryRun(write) },
    });
  });
}

/** Brings an existing object to what is given, in the three ways of Pulumi's provider. */
export async function update(write: Write, isPatch: boolean): Promise<KubeObject> {
  const { cluster, discovery, object, fieldManager } = write;
  const path = await discovery.path(kindOf(object), namespaceOf(object), nameOf(object));
  const live = await cluster.get(path);
  if (kindOf(object).kind === "CustomResourceDefinition") {
    return cluster.ask("PUT", path, {
      body: withMetadata(object, { resourceVersion: text(live, "metadata", "resourceVersion") }),
      query: { fieldManager, ...dryRun(write) },
    });
  }
  if (isPatch) {
    return apply(write);
  }
  if (write.dryRun) {
    return apply({ ...write, force: write.force || managers(live).some(isPredecessor) });
  }
  await takeOver(cluster, path, live, fieldManager);
  return apply(write);
}

/** Gives up all fields of one manager, so that the object stays but nothing of this resource in it. */
export async function relinquish(write: Omit<Write, "dryRun" | "force">): Promise<void> {
  const { apiVersion, kind } = kindOf(write.object);
  const metadata: JsonObject = { name: nameOf(write.object) };
  if (namespaceOf(write.object) !== "") {
    metadata.namespace = namespaceOf(write.object);
  }
  const path = await write.discovery.path({ apiVersion, kind }, namespaceOf(write.object), nameOf(write.object));
  await write.cluster.get(path);
  await apply({ ...write, object: { apiVersion, kind, metadata }, dryRun: false, force: false });
}

/** What was created, here or by kubectl, belongs to another manager: the first update takes that over. */
async function takeOver(cluster: Cluster, path: string, live: KubeObject, fieldManager: string): Promise<void> {
  const entries = managers(live);
  if (!entries.some(isPredecessor)) {
    return;
  }
  const own = (entry: JsonObject) =>
    isPredecessor(entry) || (entry.manager === fieldManager && entry.operation === "Apply");
  const [first = {}, ...more] = entries.filter(own);
  const taken = {
    ...first,
    manager: fieldManager,
    operation: "Apply",
    fieldsV1: more.reduce<Json>((fields, entry) => union(fields, entry.fieldsV1), first.fieldsV1 ?? {}),
  };
  await cluster.ask("PATCH", path, {
    contentType: "application/json-patch+json",
    body: [
      { op: "test", path: "/metadata/resourceVersion", value: text(live, "metadata", "resourceVersion") },
      { op: "replace", path: "/metadata/managedFields", value: [taken, ...entries.filter((entry) => !own(entry))] },
    ],
  });
}

/** Sets of fields are objects within objects, whose leaves are empty. */
function union(one: Json, other: Json | undefined): Json {
  if (!isPlain(one) || !isPlain(other)) {
    return one;
  }
  const both = { ...other, ...one };
  return Object.fromEntries(Object.keys(both).map((key) => [key, union(both[key] ?? {}, other[key])]));
}

function isPlain(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function managers(live: KubeObject): JsonObject[] {
  const entries = field(live, "metadata", "managedFields");
  return (Array.isArray(entries) ? entries : []) as JsonObject[];
}

function isPredecessor({ manager, operation, subresource }: JsonObject): boolean {
  return (
    subresource === undefined &&
    ((operation === "Update" && PREDECESSORS.includes(asText(manager))) ||
      (operation === "Apply" && manager === "kubectl"))
  );
}

function dryRun(write: Write): Record<string, string> {
  return write.dryRun ? { dryRun: "All" } : {};
}

async function withRetries<Result>(once: boolean, attempt: () => Promise<Result>): Promise<Result> {
  for (const pause of once ? [] : RETRY_PAUSES_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof NoMatch) && !isNotFound(error)) {
        throw error;
      }
      await sleep(pause);
    }
  }
  return attempt();
}

/** What the API server said, with what to do about it, and without the secrets among the inputs. */
export function explained(error: unknown, object: KubeObject, inputs: Props): Error {
  const what = `${kindOf(object).kind} ${idOf(object)}`;
  return new Error(redact(`${what} ${remedy(error)}`, inputs));
}

function remedy(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NoMatch) {
    return (
      `could not be written, since the API server does not know its apiVersion (${message}). ` +
      "Make sure that the custom resource definition is created, and established, before it."
    );
  }
  if (error instanceof ApiError && error.reason === "AlreadyExists") {
    return (
      `already exists in the cluster (${message}). ` +
      "Import it, delete it, or use a Patch resource for what has to change in it."
    );
  }
  if (error instanceof ApiError && error.reason === "Conflict") {
    return (
      `could not be written: server-side apply field conflict detected (${message}). ` +
      "Leave the fields out, or take them with the annotation pulumi.com/patchForce."
    );
  }
  return `could not be written: ${message}`;
}
