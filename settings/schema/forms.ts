import { z } from "zod";
import { notes } from "./notes";

/** A schema of a map with known keys. */
export type MapSchema = z.ZodObject<Readonly<Record<string, z.core.$ZodType>>>;

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a schema is below its wrappers: optional, default. */
export function bare(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? bare(schema.unwrap())
    : schema;
}

/** The keys of a map schema; none for any other schema. */
export function shapeOf(schema: z.core.$ZodType): MapSchema["shape"] {
  return schema instanceof z.ZodObject ? schema.shape : {};
}

/** What an alternative of a union is called in a message. */
export function titleOf(schema: z.core.$ZodType): string {
  return notes.get(schema)?.title ?? "another form";
}

/** The alternatives of a union that are maps. */
export function mapsOf(schema: z.ZodUnion): readonly MapSchema[] {
  return schema.options.filter((option) => option instanceof z.ZodObject);
}

/** The alternative of a union that is a list, if any. */
export function listOf(schema: z.ZodUnion): z.ZodArray | undefined {
  return schema.options.find((option) => option instanceof z.ZodArray);
}

/** What can be chosen from, if that is all there is to write. */
export function choices(schema: z.core.$ZodType): string[] {
  if (schema instanceof z.ZodEnum) {
    return schema.options.map(String);
  }
  if (schema instanceof z.ZodLiteral) {
    return [...schema.values].map(String);
  }
  const parts = schema instanceof z.ZodUnion ? schema.options.map(choices) : [];
  return parts.every((part) => part.length > 0) ? parts.flat() : [];
}
