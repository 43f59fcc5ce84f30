import { parseDocument, stringify } from "yaml";
import { z } from "zod";
import { bare, choices, listOf, mapsOf, shapeOf, titleOf } from "./schema/forms";
import { keys } from "./schema/keys";
import { notes } from "./schema/notes";

const start = "<!-- settings -->";
const end = "<!-- /settings -->";

/**
 * A README whose table of settings is what the schema says.
 *
 * @throws Error when the README has no place for it.
 */
export function documentReadme(readme: string): string {
  const [before, rest] = readme.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`The README has no place for the settings' table: add the lines ${start} and ${end}`);
  }
  return `${before}${start}\n\n${settingsTable()}\n\n${end}${after}`;
}

/** A Pulumi.yaml whose declarations of settings are what the schema says; comments elsewhere in it stay. */
export function documentProject(project: string): string {
  const document = parseDocument(project);
  document.set("config", document.createNode(projectConfig()));
  return document.toString({ lineWidth: 0 });
}

/** Every setting, a row each, as a Markdown table. */
export function settingsTable(): string {
  const table = [["Key", "Value", "Default", "What it is"], ["---", "---", "---", "---"], ...rows("", keys)];
  return table.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
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

/** @param remark What only some alternatives have: there, nothing is required of all. */
function rows(path: string, shape: Readonly<Record<string, z.core.$ZodType>>, remark = ""): string[][] {
  return Object.entries(shape).flatMap(([key, schema]) => {
    const here = `${path}${key}`;
    return [
      [
        `\`${here}\``,
        valueText(bare(schema)),
        defaultText(schema, remark ? "–" : "required"),
        `${describe(schema)}${remark}`,
      ],
      ...parts(here, bare(schema)),
    ];
  });
}

/** The rows of what is inside a list, a map, or the alternatives of a union. */
function parts(path: string, schema: z.core.$ZodType): string[][] {
  if (schema instanceof z.ZodArray) {
    return parts(`${path}[]`, bare(schema.element));
  }
  if (!(schema instanceof z.ZodUnion)) {
    return rows(`${path}.`, shapeOf(schema));
  }
  const list = listOf(schema);
  if (list) {
    return parts(path, list);
  }
  const maps = mapsOf(schema);
  const all = new Set(maps.flatMap((map) => Object.keys(map.shape)));
  return [...all].flatMap((key) => {
    const owners = maps.filter((map) => Object.hasOwn(map.shape, key));
    const versions = owners.flatMap((map) => map.shape[key] ?? []);
    const [first = z.never()] = versions;
    const merged = first instanceof z.ZodLiteral ? z.enum(versions.flatMap(choices)).describe(describe(first)) : first;
    const remark = owners.length < maps.length ? ` (${owners.map(titleOf).join(", ")})` : "";
    return rows(`${path}.`, { [key]: merged }, remark);
  });
}

function describe(schema: z.core.$ZodType): string {
  return z.globalRegistry.get(schema)?.description ?? "";
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

function defaultText(schema: z.core.$ZodType, required: string): string {
  const value = declaredDefault(schema);
  if (value !== undefined) {
    return `\`${stringify(value, { collectionStyle: "flow" }).trim()}\``;
  }
  return schema instanceof z.ZodOptional ? (notes.get(schema)?.fallback ?? "none") : required;
}
