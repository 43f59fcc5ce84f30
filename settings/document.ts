import { parseDocument, stringify } from "yaml";
import { z } from "zod";
import { bare, choices } from "./schema/forms";
import { keys } from "./schema/keys";
import { notes } from "./schema/notes";
import { descriptionOf, keyPaths } from "./schema/paths";

/** What the documents say of a key. */
export interface KeyDocument {
  /** Path below `flatmesh:`, with `[]` for the entries of a list. */
  readonly path: string;
  readonly description: string;
  /** In Markdown: "text", or what there is to choose from. */
  readonly type: string;
  /** In Markdown; "required" where there is none and the key has to be given. */
  readonly fallback: string;
  /** What the forms are called that have the key; empty where every form has it. */
  readonly only: readonly string[];
}

/** Every key of the settings, the outer ones before those inside them. */
export function keyDocuments(): KeyDocument[] {
  return keyPaths().map(({ path, schema, only }) => ({
    path,
    description: descriptionOf(schema),
    type: valueText(bare(schema)),
    fallback: defaultText(schema),
    only,
  }));
}

/** A Pulumi.yaml whose declarations of settings are what the schema says; comments elsewhere in it stay. */
export function documentProject(project: string): string {
  const document = parseDocument(project);
  document.set("config", document.createNode(projectConfig()));
  return document.toString({ lineWidth: 0 });
}

/**
 * The `config` block of Pulumi.yaml.
 *
 * The engine demands every declared key that has no default, and checks the type of every key that has one declared. So a
 * key that may be left out has the default "none" (an empty text or map, which is read as left out), and a key that has
 * several shapes has no type.
 *
 * Keys are declared without a namespace, which is that of the project then: the engine refuses to load a project that declares
 * types for another namespace, so with `flatmesh:` in front of them `pulumi new` would fail for every other project name.
 */
export function projectConfig(): object {
  const declarations = Object.entries(keys).map(([key, schema]) => [key, declaration(schema)] as const);
  return {
    // Inherited by every stack that does not say otherwise: no resource can land in the engineer's current context.
    "pulumi:disable-default-providers": { value: ["kubernetes"] },
    ...Object.fromEntries(declarations),
  };
}

function declaration(schema: z.ZodType): object {
  const type = engineType(schema);
  const inner = bare(schema);
  const fallback = notes.get(schema)?.fallback;
  return {
    ...(type && { type }),
    ...(inner instanceof z.ZodArray && { items: { type: engineType(inner.element) } }),
    description: `${schema.description ?? ""}${fallback ? ` (left out: ${fallback})` : ""}`,
    default: declaredDefault(schema) ?? (type === "array" ? [] : type === "object" ? {} : ""),
  };
}

/** The engine's type for what a schema takes; undefined where it takes several. */
function engineType(schema: z.core.$ZodType): string | undefined {
  const inner = bare(schema);
  if (inner instanceof z.ZodUnion) {
    const types = new Set(inner.options.map((option): string | undefined => engineType(option)));
    return types.size === 1 ? [...types][0] : undefined;
  }
  const types = [
    [z.ZodBoolean, "boolean"],
    [z.ZodNumber, "integer"],
    [z.ZodArray, "array"],
    [z.ZodObject, "object"],
  ] as const;
  return types.find(([kind]) => inner instanceof kind)?.[1] ?? "string";
}

/** A default that is the same for every stack. */
function declaredDefault(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const value: unknown = schema.def.defaultValue;
    return JSON.stringify(value) === "{}" ? z.safeParse(schema, undefined).data : value;
  }
  return undefined;
}

function valueText(schema: z.core.$ZodType): string {
  const offered = choices(schema);
  if (offered.length > 0) {
    return offered.map((choice) => `\`${choice}\``).join(", ");
  }
  if (schema instanceof z.ZodUnion) {
    return [...new Set(schema.options.map((option) => valueText(bare(option))))].join(", or ");
  }
  if (schema instanceof z.ZodArray) {
    const entry = valueText(bare(schema.element));
    return entry === "map" || entry === "text" ? `list of ${entry}s` : "list";
  }
  const type = engineType(schema) ?? "";
  const names: Readonly<Record<string, string>> = { string: "text", object: "map", integer: "number" };
  return `${names[type] ?? "`true`, `false`"}${notes.get(schema)?.secret ? ", secret" : ""}`;
}

function defaultText(schema: z.core.$ZodType): string {
  const value = declaredDefault(schema);
  if (value !== undefined) {
    return `\`${stringify(value, { collectionStyle: "flow" }).trim()}\``;
  }
  return schema instanceof z.ZodOptional ? (notes.get(schema)?.fallback ?? "none") : "required";
}
