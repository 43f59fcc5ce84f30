import { z } from "zod";
import type { Faults } from "./faults";
import { unknownKey } from "./mismatch";
import { read } from "./read";
import { bare, isMap } from "./schema/forms";
import { keys, type StackInput } from "./schema/keys";

/** Configuration of the `flatmesh:` namespace: key without prefix → text as Pulumi holds it. */
export type Config = Readonly<Record<string, string>>;

type Every<Union, Keys extends PropertyKey = Union extends unknown ? keyof Union : never> = {
  readonly [K in Keys]?: Union extends unknown ? (K extends keyof Union ? Union[K] : never) : never;
};

/** A cluster, as far as it could be read. */
export type DraftCluster = Every<StackInput["clusters"][number]>;
/** A link, as far as it could be read. */
export type DraftLink = Every<Exclude<StackInput["links"], string>[number]>;

/** A stack's settings as far as they could be read, so that checks find their faults beside those that reading found. */
export interface Draft {
  /** The keys that the stack means to say something of: faulty and mistyped ones too, so that none is called missing. */
  readonly said: ReadonlySet<string>;
  /** What was given, in the shape that JSON has. */
  readonly given: Readonly<Record<string, unknown>>;
  /** The keys whose whole value could be read, defaults included. */
  readonly whole: Partial<StackInput>;
  /** All clusters, in their order. */
  readonly clusters: readonly DraftCluster[];
  /** The names that the stack calls its clusters by, those that can't stand included. */
  readonly names: readonly string[];
  /** All links in their order; empty for `mesh`. */
  readonly links: readonly DraftLink[];
}

/** Reads every key. What is wrong is added to `faults`. */
export function readDraft(config: Config, faults: Faults): Draft {
  const said = new Set<string>();
  for (const key of Object.keys(config).filter((key) => !Object.hasOwn(keys, key))) {
    said.add(unknownKey(key, Object.keys(keys), "", faults) ?? key);
  }
  const given: Record<string, unknown> = {};
  const whole: Record<string, unknown> = {};
  const all: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(keys)) {
    const before = faults.found.length;
    const value = decode(schema, key, config[key], faults);
    const malformed = faults.found.length > before;
    if (malformed || value !== undefined) {
      said.add(key);
    }
    if (malformed || (value === undefined && said.has(key))) {
      continue;
    }
    given[key] = value;
    all[key] = read(schema, value, key, faults);
    if (faults.found.length === before) {
      whole[key] = all[key];
    }
  }
  return {
    said,
    given,
    whole: whole,
    clusters: maps(all["clusters"]),
    names: maps(given["clusters"]).flatMap(({ name }) => (typeof name === "string" ? [name] : [])),
    links: maps(all["links"]),
  };
}

/** Entries of a list; an empty map for those that are none, so that every entry keeps its place. */
function maps(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map((entry: unknown) => (isMap(entry) ? entry : {})) : [];
}

/**
 * From Pulumi's text to a value. Declared defaults can't be "none": the empty text, list or map stands for a key that was
 * left out.
 */
function decode(schema: z.ZodType, key: string, text: string | undefined, faults: Faults): unknown {
  if (text === undefined || text === "") {
    return undefined;
  }
  const inner = bare(schema);
  if (inner instanceof z.ZodString || inner instanceof z.ZodEnum) {
    return text;
  }
  try {
    const value: unknown = JSON.parse(text);
    return schema instanceof z.ZodOptional && isMap(value) && Object.keys(value).length === 0 ? undefined : value;
  } catch {
    if (!/^\s*[[{"]/.test(text)) {
      return text;
    }
    // The parser's message quotes the text, which may hold a secret.
    faults.add({
      path: key,
      problem: "is malformed JSON",
      remedy: `write it as YAML in the stack's file, or set its parts: \`pulumi config set --path 'flatmesh:${key}…'\``,
    });
    return undefined;
  }
}
