import { z } from "zod";
import { bare, choices, listOf, mapsOf, shapeOf, titleOf } from "./forms";
import { keys } from "./keys";

/** A key of a stack's settings, wherever it stands. */
export interface KeyPath {
  /** Path below `flatmesh:`, with `[]` for the entries of a list: `clusters[].podSubnet`. */
  readonly path: string;
  readonly schema: z.core.$ZodType;
  /** What the forms are called that have the key ("kind clusters"); empty where every form has it. */
  readonly only: readonly string[];
}

/** Every key of a stack's settings, the outer ones before those inside them. */
export function keyPaths(): KeyPath[] {
  return within("", keys, []);
}

function within(prefix: string, shape: Readonly<Record<string, z.core.$ZodType>>, only: readonly string[]): KeyPath[] {
  return Object.entries(shape).flatMap(([key, schema]) => {
    const path = `${prefix}${key}`;
    return [{ path, schema, only }, ...inside(path, bare(schema))];
  });
}

/** What is inside a list, a map, or the alternatives of a union. */
function inside(path: string, schema: z.core.$ZodType): KeyPath[] {
  if (schema instanceof z.ZodArray) {
    return inside(`${path}[]`, bare(schema.element));
  }
  if (!(schema instanceof z.ZodUnion)) {
    return within(`${path}.`, shapeOf(schema), []);
  }
  const list = listOf(schema);
  if (list) {
    return inside(path, list);
  }
  const maps = mapsOf(schema);
  const all = new Set(maps.flatMap((map) => Object.keys(map.shape)));
  return [...all].flatMap((key) => {
    const owners = maps.filter((map) => Object.hasOwn(map.shape, key));
    const versions = owners.flatMap((map) => map.shape[key] ?? []);
    const [first = z.never()] = versions;
    const merged =
      first instanceof z.ZodLiteral ? z.enum(versions.flatMap(choices)).describe(descriptionOf(first)) : first;
    return within(`${path}.`, { [key]: merged }, owners.length < maps.length ? owners.map(titleOf) : []);
  });
}

/** What a schema says of itself. */
export function descriptionOf(schema: z.core.$ZodType): string {
  return z.globalRegistry.get(schema)?.description ?? "";
}
