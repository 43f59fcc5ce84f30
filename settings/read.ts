import { z } from "zod";
import type { Faults } from "./faults";
import { join, missing, refused, unknownKey, wrongType } from "./mismatch";
import { bare, isMap, listOf, type MapSchema, mapsOf, shapeOf, titleOf } from "./schema/forms";

/**
 * Reads a value as its schema says, part by part: every fault is found, and a part that is as it should be is returned
 * whatever is wrong beside it. (A schema's own `parse` gives all or nothing, and for a union little more than "invalid".)
 *
 * @param path The value's own path, as messages give it.
 * @returns What could be read, in the schema's output type once there was no fault: maps with the keys that could be
 * read, lists with undefined for entries that couldn't.
 */
export function read(schema: z.core.$ZodType, value: unknown, path: string, faults: Faults): unknown {
  if (value === undefined) {
    return leftOut(schema, path, faults);
  }
  const inner = bare(schema);
  if (inner instanceof z.ZodUnion) {
    return readUnion(inner, value, path, faults);
  }
  if (inner instanceof z.ZodObject) {
    return readMap(inner, value, path, faults);
  }
  return inner instanceof z.ZodArray ? readList(inner, value, path, faults) : readLeaf(inner, value, path, faults);
}

function leftOut(schema: z.core.$ZodType, path: string, faults: Faults): unknown {
  const result = z.safeParse(schema, undefined);
  if (!result.success) {
    missing(schema, path, faults);
  }
  return result.data;
}

function readMap(schema: MapSchema, value: unknown, path: string, faults: Faults, all: readonly MapSchema[] = []) {
  if (!isMap(value)) {
    wrongType(schema, value, path, faults);
    return undefined;
  }
  const { shape } = schema;
  const meant = new Set<string>();
  for (const key of Object.keys(value).filter((key) => !Object.hasOwn(shape, key))) {
    const owners = all.filter((other) => Object.hasOwn(other.shape, key));
    if (owners.length > 0) {
      faults.add({
        path: join(path, key),
        problem: `does not go with ${titleOf(schema)}`,
        remedy: `remove it: it is for ${owners.map(titleOf).join(" and ")}`,
      });
    } else {
      meant.add(unknownKey(key, Object.keys(shape), path, faults) ?? "");
    }
  }
  return Object.fromEntries(
    Object.entries(shape)
      // A mistyped key is one fault, not a missing key besides.
      .filter(([key]) => Object.hasOwn(value, key) || !meant.has(key))
      .map(([key, part]) => [key, read(part, ownValue(value, key), join(path, key), faults)]),
  );
}

function readList(schema: z.ZodArray, value: unknown, path: string, faults: Faults): readonly unknown[] | undefined {
  if (!Array.isArray(value)) {
    wrongType(schema, value, path, faults);
    return undefined;
  }
  const before = faults.found.length;
  const entries = value.map((entry, index) => read(schema.element, entry, `${path}[${String(index)}]`, faults));
  if (faults.found.length === before) {
    // The entries are right; what is asked of the list as a whole is left, such as its length.
    readLeaf(schema, value, path, faults);
  }
  return entries;
}

/** Reads by the alternative that the value was meant for, so that faults are named as if there was no other. */
function readUnion(schema: z.ZodUnion, value: unknown, path: string, faults: Faults): unknown {
  const list = listOf(schema);
  if (list && Array.isArray(value)) {
    return read(list, value, path, faults);
  }
  const maps = mapsOf(schema);
  if (maps.length === 0 || !isMap(value)) {
    return readLeaf(schema, value, path, faults);
  }
  return schema instanceof z.ZodDiscriminatedUnion
    ? readNamed(maps, schema.def.discriminator, value, path, faults)
    : readLikeliest(schema, maps, value, path, faults);
}

/** The alternative is named by a key of the value. */
function readNamed(
  maps: readonly MapSchema[],
  by: string,
  value: Readonly<Record<string, unknown>>,
  path: string,
  faults: Faults,
): unknown {
  const named = maps.find((map) => z.safeParse(map.shape[by] ?? z.never(), ownValue(value, by)).success);
  if (named) {
    return readMap(named, value, path, faults, maps);
  }
  const names = z.union(maps.map((map) => map.shape[by] ?? z.never()));
  const any = z.object({ ...Object.assign({}, ...maps.map(shapeOf)), [by]: names } as MapSchema["shape"]);
  return readMap(any, value, path, faults);
}

/** The alternative is the one that has most of the value's keys. */
function readLikeliest(
  schema: z.ZodUnion,
  maps: readonly MapSchema[],
  value: Readonly<Record<string, unknown>>,
  path: string,
  faults: Faults,
): unknown {
  const common = (map: MapSchema) => Object.keys(value).filter((key) => Object.hasOwn(map.shape, key)).length;
  const likeliest = maps.reduce((best, map) => (common(map) > common(best) ? map : best));
  if (maps.length === 1 || common(likeliest) > 0) {
    return readMap(likeliest, value, path, faults, maps);
  }
  if (Object.keys(value).length === 0) {
    return readLeaf(schema, value, path, faults);
  }
  const known = maps.flatMap((map) => Object.keys(map.shape));
  Object.keys(value).forEach((key) => {
    unknownKey(key, known, path, faults);
  });
  return undefined;
}

function readLeaf(schema: z.core.$ZodType, value: unknown, path: string, faults: Faults): unknown {
  const result = z.safeParse(schema, value);
  if (result.success) {
    return result.data;
  }
  for (const issue of result.error.issues) {
    refused(schema, value, issue, path, faults);
  }
  return undefined;
}

/** Only own keys count: a stack may not reach what every JavaScript object inherits. */
function ownValue(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
