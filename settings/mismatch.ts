import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import type { Faults } from "./faults";
import { bare, choices } from "./schema/forms";
import { notes } from "./schema/notes";

/** Path of a key in the map at `path`; the outermost map's is empty. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** Adds the fault of a value that has to be there and isn't. */
export function missing(schema: z.core.$ZodType, path: string, faults: Faults): void {
  const inner = bare(schema);
  const own = inner._zod.def.error && z.safeParse(inner, undefined).error?.issues[0]?.message;
  faults.add({ path, problem: "is missing", remedy: own ?? `add it: ${howToWrite(inner)}` });
}

/** Adds the fault that a schema found in a value. */
export function refused(
  schema: z.core.$ZodType,
  value: unknown,
  issue: z.core.$ZodIssue,
  path: string,
  faults: Faults,
): void {
  if (issue.code === "invalid_type" || issue.code === "invalid_value" || issue.code === "invalid_union") {
    wrongType(schema, value, path, faults);
    return;
  }
  const problem: unknown = issue.code === "custom" ? issue.params?.["problem"] : undefined;
  faults.add({
    path,
    ...showable(schema, value),
    problem: typeof problem === "string" ? problem : sizeProblem(value),
    remedy: issue.message,
  });
}

function sizeProblem(value: unknown): string {
  return Array.isArray(value)
    ? `has ${String(value.length)} ${value.length === 1 ? "entry" : "entries"}`
    : "is out of bounds";
}

/**
 * Adds the fault of a key that means nothing. Its value is not shown: it may be a secret under a mistyped name.
 *
 * @returns The key that was probably meant, if there is one.
 */
export function unknownKey(key: string, known: readonly string[], path: string, faults: Faults): string | undefined {
  const nearest = closest(key, [...known]);
  const near = distance(key.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, nearest.length / 2);
  faults.add({
    path: join(path, key),
    problem: "is not a setting",
    remedy: near ? `did you mean ${nearest}?` : `remove it, or write one of ${[...new Set(known)].join(", ")}`,
  });
  return near ? nearest : undefined;
}

/** Adds the fault of a value of another type than the schema's, or of none of its choices. */
export function wrongType(schema: z.core.$ZodType, value: unknown, path: string, faults: Faults): void {
  const offered = choices(schema);
  if (offered.length > 0 && typeof value === "string") {
    const nearest = closest(value, offered);
    const near = distance(value, nearest) <= 2 ? `; did you mean ${nearest}?` : "";
    faults.add({ path, value, problem: "is not known here", remedy: `write ${offered.join(" or ")}${near}` });
    return;
  }
  faults.add({
    path,
    ...showable(schema, value),
    problem:
      schema instanceof z.ZodUnion && !(schema instanceof z.ZodDiscriminatedUnion)
        ? "has none of its forms"
        : `is ${kindOf(value)}, not ${nounOf(schema)}`,
    remedy: `${howToWrite(schema)}${quotes(schema, value)}`,
  });
}

/** YAML and JSON make a number of 1 and a text of "1". */
function quotes(schema: z.core.$ZodType, value: unknown): string {
  if (schema instanceof z.ZodString) {
    return typeof value === "number" || typeof value === "boolean" ? ", in quotes" : "";
  }
  return typeof value === "string" && /^(-?\d+|true|false)$/.test(value) ? ", without quotes" : "";
}

function howToWrite(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodUnion && choices(schema).length === 0) {
    const message = z.safeParse(schema, undefined).error?.issues[0]?.message;
    return schema instanceof z.ZodDiscriminatedUnion
      ? "write a map of keys and values"
      : (message ?? "write another form");
  }
  if (schema instanceof z.ZodObject) {
    return `write a map with the keys ${Object.keys(schema.shape).join(", ")}`;
  }
  if (schema instanceof z.ZodArray) {
    return "write a list, each entry after a “-”";
  }
  const offered = choices(schema);
  return `write ${offered.length > 0 ? offered.join(" or ") : nounOf(schema)}`;
}

function nounOf(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodString) {
    return "a text";
  }
  if (schema instanceof z.ZodNumber) {
    return "a whole number";
  }
  if (schema instanceof z.ZodBoolean) {
    return "true or false";
  }
  if (schema instanceof z.ZodArray) {
    return "a list";
  }
  return schema instanceof z.ZodObject || schema instanceof z.ZodDiscriminatedUnion ? "a map" : "one of its forms";
}

function kindOf(value: unknown): string {
  if (value === null) {
    return "null";
  }
  if (Array.isArray(value)) {
    return "a list";
  }
  switch (typeof value) {
    case "string":
      return "a text";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    default:
      return "a map";
  }
}

/** A text where a map or list belongs may hold a whole file, credentials included: only simple values are shown. */
function showable(schema: z.core.$ZodType, value: unknown): { readonly value?: string | number | boolean } {
  const simple = schema instanceof z.ZodUnion ? schema.options.some(isSimple) : isSimple(schema);
  const scalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return simple && scalar && !notes.get(schema)?.secret ? { value } : {};
}

function isSimple(schema: z.core.$ZodType): boolean {
  return [z.ZodString, z.ZodNumber, z.ZodBoolean, z.ZodLiteral].some((simple) => schema instanceof simple);
}
