import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { ApiServer } from "./api-server";
import { objectPaths } from "./object-paths";
import { settled } from "./repair";

/**
 * The name by which Pulumi's provider creates an object. Those of a provider that takes objects over are by one of the resource's own,
 * which is an apply. Source: provider/pkg/await/await.go of pulumi-kubernetes.
 */
const creator = "pulumi-kubernetes";

/** An entry of an object's `managedFields`. */
const Entry = z.looseObject({
  manager: z.string().default(""),
  operation: z.string().default(""),
  subresource: z.string().optional(),
  fieldsV1: z.unknown(),
});
export type ManagedFields = z.infer<typeof Entry>;
/** An object's `managedFields`. */
export const managedFieldsSchema = z.array(Entry).default([]);
const Managed = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string(), managedFields: managedFieldsSchema }),
});

const Identity = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});

/** What {@link recreateInPlace} leaves of the creation: a field that no apply writes. An API server never lists it by itself. */
const prepared = { "f:metadata": { "f:name": {} } };

/** Whether fields are all that {@link recreateInPlace} has left to the creation of an object. */
export function isPrepared(fieldsV1: unknown): boolean {
  return isDeepStrictEqual(fieldsV1, prepared);
}

/** Whether fields were written by Pulumi's provider when it created the object, and by no later update. */
export function isOfCreation({ manager, operation, subresource }: ManagedFields): boolean {
  const applied = operation === "Apply" && /^pulumi-kubernetes-[0-9a-f]+$/.test(manager);
  return subresource === undefined && (manager === creator || applied);
}

/** Where an API server has an object; undefined if it does not know its kind, or this is no object. */
export async function objectPath(server: ApiServer, object: unknown): Promise<string | undefined> {
  const identity = Identity.safeParse(object).data;
  if (identity === undefined) {
    return undefined;
  }
  const { apiVersion, kind, metadata } = identity;
  return (await objectPaths(server, [apiVersion]))({ apiVersion, kind, ...metadata });
}

/** An object may be written by its controllers at any time. */
const attempts = 5;

/**
 * Waits for an object of this name that is being deleted: a provider that creates by apply would write to it, and what it has written
 * would go with it.
 *
 * @throws RepairError if it stays; Unreachable, Forbidden
 */
export async function awaitDeletion(server: ApiServer, object: unknown): Promise<void> {
  const path = await objectPath(server, object);
  if (path !== undefined) {
    const { apiVersion, kind, metadata } = Identity.parse(object);
    await settled(server, path, { apiVersion, kind, ...metadata });
  }
}

/**
 * Makes an object that Pulumi's provider has created what the provider is about to create: its own apply would be refused whatever has
 * changed since, as another manager's. Fields that are no longer declared go. In the end nobody manages the others: a list that is
 * one field has what an API server adds to its entries, and so would be refused as a change of the creation's.
 *
 * @throws Unreachable, Forbidden
 */
export async function recreateInPlace(server: ApiServer, object: Readonly<Record<string, unknown>>): Promise<void> {
  const path = await objectPath(server, object);
  if (path === undefined || !(await assign(server, path, "Apply", union))) {
    return;
  }
  const declared = Object.fromEntries(Object.entries(object).filter(([key]) => !key.startsWith("__")));
  await server.patch(`${path}?fieldManager=${creator}&force=true`, "application/apply-patch+yaml", declared);
  await assign(server, path, "Update", () => prepared);
}

/** Makes one entry of those of the creation, with this operation and what is made of their fields; false if there are none. */
async function assign(
  server: ApiServer,
  path: string,
  operation: "Apply" | "Update",
  merge: (one: unknown, other: unknown) => unknown,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const live = Managed.safeParse(await server.get(path)).data;
    const entries = live?.metadata.managedFields ?? [];
    const [first, ...more] = entries.filter(isOfCreation);
    if (live === undefined || first === undefined) {
      return false;
    }
    const fieldsV1 = more.reduce((fields, entry) => merge(fields, entry.fieldsV1), merge(first.fieldsV1, undefined));
    const others = entries.filter((entry) => !isOfCreation(entry));
    try {
      await server.patch(path, "application/json-patch+json", [
        { op: "test", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion },
        {
          op: "replace",
          path: "/metadata/managedFields",
          value: [{ ...first, manager: creator, operation, fieldsV1 }, ...others],
        },
      ]);
      return true;
    } catch (error) {
      if (attempt === attempts) {
        throw error;
      }
    }
  }
}

/** Sets of fields are maps within maps, whose leaves are empty. */
function union(one: unknown, other: unknown): unknown {
  if (!isMap(one) || !isMap(other)) {
    return one ?? other;
  }
  return Object.fromEntries(Object.keys({ ...one, ...other }).map((key) => [key, union(one[key], other[key])]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
