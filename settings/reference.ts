import { parseDocument, stringify } from "yaml";
import { z } from "zod";
import type { DocsSection } from "../diagnostics";
import { keys } from "./schema";

/** What is read of a JSON Schema; `secret`, `fallback` and `sameAs` are from `.meta()` in the settings' own schema. */
export interface ValueSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  /** What the alternative of a union is called in messages: "kind clusters". */
  readonly title?: string;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  /** Of a map with keys of its own choice: what their values may be. */
  readonly additionalProperties?: ValueSchema | false;
  readonly required?: readonly string[];
  readonly items?: ValueSchema;
  readonly anyOf?: readonly ValueSchema[];
  readonly oneOf?: readonly ValueSchema[];
  readonly secret?: boolean;
  readonly fallback?: string;
  /** The key, by its path, that has the same values, and whose documents say what is in it. */
  readonly sameAs?: string;
}

/** A key of the settings, or the entries of a list in them. */
interface Place {
  /** Path below `flatmesh:`, with `[]` for the entries of a list: `clusters[].podSubnet`. */
  readonly path: string;
  /** What its value may be; for a key of several alternatives of a union, what all of them allow. */
  readonly schema: ValueSchema;
  readonly required: boolean;
  /** The titles of the alternatives that have the key; empty if all have it. */
  readonly only: readonly string[];
}

const whole = z.toJSONSchema(z.strictObject(keys), { io: "input" }) as ValueSchema;
const places = new Map([["", whole], ...below("", whole).map((place) => [place.path, place.schema] as const)]);

/** What a value at a path may be; nothing is known of a path that is not in the settings. */
export function schemaAt(path: readonly PropertyKey[]): ValueSchema {
  return places.get(anyEntry(pathText(path))) ?? valueInMap(path);
}

/** What the values of a map with keys of its own choice may be. */
function valueInMap(path: readonly PropertyKey[]): ValueSchema {
  return (path.length > 0 && schemaAt(path.slice(0, -1)).additionalProperties) || {};
}

/** The places of a key, wherever in the settings: `clusters[].podSubnet`. */
export function pathsWithKey(isKey: (key: string) => boolean): string[] {
  return [...places.keys()].filter((path) => isKey(path.replace(/^.*\./, "")) && documentedPath(path) === path);
}

/** `clusters[1].podSubnet`, `labels["example.com/team"]` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((part, index) => partText(part, index === 0)).join("");
}

function partText(part: PropertyKey, first: boolean): string {
  if (typeof part === "number") {
    return `[${String(part)}]`;
  }
  const text = String(part);
  return !first && text.includes("/") ? `["${text}"]` : `${first ? "" : "."}${text}`;
}

/** `clusters[].podSubnet` for `clusters[1].podSubnet` */
function anyEntry(path: string): string {
  return path.replaceAll(/\[\d+\]/g, "[]");
}

/** The alternatives of a union; of any other schema, itself. */
export function alternatives(schema: ValueSchema): readonly ValueSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema];
}

/** The alternatives of a schema that are maps of known keys. */
export function mapsOf(schema: ValueSchema): readonly ValueSchema[] {
  return alternatives(schema).filter(({ properties }) => properties);
}

/** What can be chosen from, if that is all there is to write. */
export function choices(schema: ValueSchema): string[] {
  const parts = alternatives(schema).map((one) => one.enum ?? ("const" in one ? [one.const] : []));
  return parts.every((part) => part.length > 0) ? parts.flat().map(String) : [];
}

function below(path: string, schema: ValueSchema): Place[] {
  const entry = alternatives(schema).find(({ items }) => items)?.items;
  if (entry) {
    return withInner({ path: `${path}[]`, schema: entry, required: true, only: [] });
  }
  const maps = mapsOf(schema);
  return [...new Set(maps.flatMap(({ properties = {} }) => Object.keys(properties)))].flatMap((key) => {
    const owners = maps.filter(({ properties = {} }) => Object.hasOwn(properties, key));
    return withInner({
      path: path === "" ? key : `${path}.${key}`,
      schema: merged(owners.flatMap(({ properties = {} }) => properties[key] ?? [])),
      required: owners.every(({ required = [] }) => required.includes(key)),
      only: owners.length < maps.length ? owners.map(({ title = "" }) => title) : [],
    });
  });
}

function withInner(place: Place): Place[] {
  return [place, ...below(place.path, place.schema)];
}

/** Alternatives say the same of a key that they share, except for the one that tells them apart. */
function merged([first = {}, ...others]: readonly ValueSchema[]): ValueSchema {
  const { const: choice, ...rest } = first;
  return choice === undefined ? first : { ...rest, enum: [choice, ...others.map((other) => other.const)] };
}

/** What the documents say about a key. */
export interface KeyDocument {
  /** Path below `flatmesh:`, with `[]` for the entries of a list. */
  readonly path: string;
  readonly description: string;
  /** In Markdown: "string", or what there is to choose from. */
  readonly type: string;
  /** In Markdown; "required" where there is none and the key has to be given. */
  readonly fallback: string;
  /** The titles of the alternatives that have the key; empty if all have it. */
  readonly only: readonly string[];
}

/** Every key of the settings, the outer ones before those inside them. */
export function keyDocuments(): KeyDocument[] {
  return below("", whole)
    .filter(({ path }) => !path.endsWith("[]") && documentedPath(path) === path)
    .map(({ path, schema, required, only }) => ({
      path,
      description: schema.description ?? "",
      type: typeText(schema),
      fallback: required ? "required" : defaultText(schema),
      only,
    }));
}

function typeText(schema: ValueSchema): string {
  const offered = choices(schema);
  if (offered.length > 0) {
    return offered.map((choice) => `\`${choice}\``).join(", ");
  }
  const all = alternatives(schema);
  if (all.length > 1) {
    return [...new Set(all.map(typeText))].join(", or ");
  }
  if (schema.items) {
    const entry = typeText(schema.items);
    return entry === "map" || entry === "string" ? `list of ${entry}s` : "list";
  }
  const names: Readonly<Record<string, string>> = {
    object: "map",
    number: "number",
    integer: "number",
    boolean: "`true`, `false`",
  };
  return `${names[schema.type ?? ""] ?? "string"}${schema.secret ? ", secret" : ""}`;
}

function defaultText(schema: ValueSchema): string {
  return schema.default === undefined
    ? (schema.fallback ?? "none")
    : `\`${stringify(schema.default, { collectionStyle: "flow" }).trim()}\``;
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
 * key that may be left out has the default "none" (an empty string or map, which is read as left out), and a key whose values
 * have several types has no type.
 *
 * Keys are declared without a namespace, which is that of the project then: the engine refuses to load a project that declares
 * types for another namespace, so with `flatmesh:` in front of them `pulumi new` would fail for every other project name.
 */
export function projectConfig(): object {
  const declarations = Object.entries(whole.properties ?? {}).map(([key, schema]) => [key, declaration(schema)]);
  return {
    // Inherited by every stack that does not say otherwise: no resource can end up in the engineer's current context.
    "pulumi:disable-default-providers": { value: ["kubernetes"] },
    ...(Object.fromEntries(declarations) as object),
  };
}

function declaration(schema: ValueSchema): object {
  const type = commonType(schema);
  const { items, description = "", fallback } = schema;
  const itemType = items && commonType(items);
  // The engine takes no list whose entries have several types.
  const declared = items ? itemType && { type, items: { type: itemType } } : type && { type };
  return {
    ...declared,
    description: `${description}${fallback === undefined ? "" : ` (left out: ${fallback})`}`,
    default: schema.default ?? (type === "array" ? [] : type === "object" ? {} : ""),
  };
}

/** The type of every value that a schema allows; undefined where there are several. */
function commonType(schema: ValueSchema): string | undefined {
  const types = new Set(alternatives(schema).map(({ type }) => type));
  return types.size === 1 ? [...types][0] : undefined;
}

/**
 * The section of docs/settings.md about a key, or about the nearest one around it; the list of all keys if there is none.
 *
 * @param path As messages have it: `clusters[1].podSubnet`.
 */
export function sectionOfKey(path: string): DocsSection {
  const parts = partsOf(documentedPath(anyEntry(path)));
  for (let length = parts.length; length > 0; length--) {
    const nearest = parts.slice(0, length).join("");
    if (places.has(nearest) && !nearest.endsWith("[]")) {
      return `docs/settings.md#${anchorOf(nearest)}`;
    }
  }
  return "docs/settings.md#keys";
}

/** `istiod.replicas` for `clusters[].istiod.replicas`, which has no section of its own. */
function documentedPath(path: string): string {
  const parts = partsOf(path);
  const outer = parts.map((_, index) => parts.slice(0, index + 1).join("")).slice(0, -1);
  const alike = outer.find((one) => places.get(one)?.sameAs !== undefined);
  return alike === undefined ? path : `${places.get(alike)?.sameAs ?? ""}${path.slice(alike.length)}`;
}

/** `clusters`, `[]` and `.name` of `clusters[].name` */
function partsOf(path: string): string[] {
  return path.match(/\[\]|\.?[^.[\]]+/g) ?? [];
}

/** GitHub's anchor of a heading that is a key: its letters, digits and dashes. */
function anchorOf(path: string): string {
  return path.toLowerCase().replaceAll(/[^a-z0-9-]/g, "");
}
