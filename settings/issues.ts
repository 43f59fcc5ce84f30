import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";
import { PreconditionError } from "../diagnostics";
import { sameKey, suggestKey } from "./key-suggestions";
import { alternatives, choices, mapsOf, pathText, schemaAt, sectionOfKey, type ValueSchema } from "./reference";
import { keys, type StackInput } from "./schema";
import { howToWrite, inYaml, kindOf, nounOf, orLeaveOut, quotes, showable } from "./value-texts";

/** What is wrong with a value, whichever key has it. Neither text may contain the value of a secret. */
export interface Problem {
  /** What is wrong, as the predicate of a sentence: "has host bits set". */
  readonly problem: string;
  /** What to do, as an instruction: "write 10.10.0.0/16". */
  readonly remedy: string;
}

/** One thing that is wrong with a stack's settings. */
export interface ConfigIssue extends Problem {
  /** Path of the key below `flatmesh:`, such as `clusters[1].podSubnet`. */
  readonly path: string;
  /** The offending value. Absent where it is, or could be, a secret, and where nothing was given. */
  readonly value?: string | number | boolean | undefined;
}

/** Adds what is wrong with a valid value in its context. */
export type Report = (issue: Omit<ConfigIssue, "path"> & { readonly path: PropertyKey[] }) => void;

/** Longer values are no typing errors but things pasted into the wrong key, credentials perhaps: they are not repeated. */
const longestShown = 80;

/** Everything that is wrong with a stack's settings, in one error. */
export class SettingsError extends PreconditionError {
  constructor(readonly issues: readonly ConfigIssue[]) {
    super(`${message(issues)}\n`, [...new Set(issues.map(({ path }) => sectionOfKey(path)))]);
  }
}

function message(issues: readonly ConfigIssue[]): string {
  const count = issues.length === 1 ? "1 error" : `${String(issues.length)} errors`;
  return [
    `${count} in this stack's settings (the flatmesh: keys of its configuration); nothing was created or changed.`,
    ...issues.map(paragraph),
  ].join("\n\n");
}

function paragraph({ path, value, problem, remedy }: ConfigIssue): string {
  return `  ${path}: ${value === undefined ? "" : `${shownText(value)} `}${problem}\n    → ${remedy}`;
}

function shownText(value: string | number | boolean): string {
  const text = JSON.stringify(value);
  return text.length > longestShown ? `(${String(text.length)} characters)` : text;
}

/** What zod found, in the words of {@link ConfigIssue} and in the order of the keys; those that mean nothing come first. */
export function configIssues(issues: readonly z.core.$ZodIssue[]): ConfigIssue[] {
  const order = Object.keys(keys);
  return findings(issues)
    .sort((a, b) => order.indexOf(String(a.path[0])) - order.indexOf(String(b.path[0])))
    .map(({ path, value, problem, remedy }) => ({ path: pathText(path), value, problem, remedy }));
}

type Every<Union, Keys extends PropertyKey = Union extends unknown ? keyof Union : never> = {
  readonly [K in Keys]?: Union extends unknown ? (K extends keyof Union ? Union[K] : never) : never;
};

/** A cluster without the values that are wrong by themselves. */
export type PartialCluster = Every<StackInput["clusters"][number]>;
/** A link without the values that are wrong by themselves. */
export type PartialLink = Every<Exclude<StackInput["links"], string>[number]>;

/** Settings without the values that are wrong by themselves, so that what is wrong between the others is found as well. */
export interface PartialConfig {
  /** The keys that the stack gives: mistyped ones, and those with wrong values, too, so that none is called missing. */
  readonly given: ReadonlySet<string>;
  /** The keys whose values are valid as a whole, defaults included. */
  readonly valid: Partial<StackInput>;
  /** All clusters, in their order. */
  readonly clusters: readonly PartialCluster[];
  /** The keys that each cluster has, whatever their values. */
  readonly clusterKeys: readonly ReadonlySet<string>[];
  /** The names that the stack gives its clusters, invalid ones included. */
  readonly names: readonly string[];
  /** All links in their order; empty for `mesh`. */
  readonly links: readonly PartialLink[];
}

/**
 * @param given The settings as given.
 * @param read The settings as zod has read them, with all that is wrong.
 * @param issues What zod has found.
 */
export function partialConfig(given: object, read: object, issues: readonly z.core.$ZodRawIssue[]): PartialConfig {
  const found = findings(issues);
  const wrong = found.filter(({ inContext }) => !inContext).map(({ path }) => path);
  const partial = structuredClone(read) as Record<string, unknown>;
  wrong.forEach((path) => {
    clear(partial, path);
  });
  const clusters = maps("clusters" in read ? read.clusters : undefined);
  return {
    given: new Set([...Object.keys(given), ...found.flatMap(({ path, meant }) => (path.length === 1 && meant) || [])]),
    valid: Object.fromEntries(Object.entries(partial).filter(([key]) => wrong.every(([first]) => first !== key))),
    clusters: maps(partial["clusters"]),
    clusterKeys: clusters.map((cluster) => new Set(Object.keys(cluster))),
    names: clusters.flatMap(({ name }) => (typeof name === "string" ? [name] : [])),
    links: maps(partial["links"]),
  };
}

function clear(value: unknown, [first, ...rest]: readonly PropertyKey[]): void {
  if (first === undefined || typeof value !== "object" || value === null || !Object.hasOwn(value, first)) {
    return;
  }
  if (rest.length === 0) {
    Reflect.set(value, first, undefined);
  } else {
    clear((value as Readonly<Record<PropertyKey, unknown>>)[first], rest);
  }
}

/** Entries of a list; an empty map for those that are none, so that every entry keeps its place. */
function maps(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? Array.from(value, (entry: unknown) => (isMap(entry) ? entry : {})) : [];
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type ZodIssue = z.core.$ZodIssue | z.core.$ZodRawIssue;

/** An issue by its path, before that becomes a text. */
interface Finding extends Problem {
  readonly path: readonly PropertyKey[];
  readonly value?: ConfigIssue["value"];
  /** The key that was probably meant by one that means nothing. */
  readonly meant?: string | undefined;
  readonly missing?: true;
  /** The value is valid by itself. */
  readonly inContext?: boolean;
}

function findings(issues: readonly ZodIssue[]): Finding[] {
  const all = issues.flatMap((issue) => findingsOf(issue, []));
  const meant = new Set(
    all.flatMap(({ path, meant }) => (meant === undefined ? [] : pathText([...path.slice(0, -1), meant]))),
  );
  // A mistyped key is one mistake, not a missing key besides.
  return all.filter(({ path, missing }) => !missing || !meant.has(pathText(path)));
}

/**
 * @param at Path of the value that zod's paths start at.
 * @param alternative The alternative of a union that this value was meant to be.
 */
function findingsOf(issue: ZodIssue, at: readonly PropertyKey[], alternative?: ValueSchema): Finding[] {
  const inner = issue.path ?? [];
  const path = [...at, ...inner];
  const schema = schemaAt(path);
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKeys(path, issue.keys, issue.input, schema, inner.length === 0 ? alternative : undefined);
    case "invalid_union":
      return noAlternative(path, issue, schema);
    case "invalid_type":
    case "invalid_value":
      return [mismatch(path, issue, schema)];
    case "custom": {
      const { problem, context, value } = (issue.params ?? {}) as Readonly<Record<string, unknown>>;
      const shown = context === true ? (value as ConfigIssue["value"]) : showable(issue.input, schema);
      return [
        {
          path,
          value: shown,
          problem: String(problem),
          remedy: `${issue.message ?? ""}${orLeaveOut(path, issue.input)}`,
          inContext: context === true,
        },
      ];
    }
    default:
      return [
        {
          path,
          value: showable(issue.input, schema),
          problem: issue.code === "not_multiple_of" ? `is not ${nounOf(schema)}` : sizeProblem(issue.input),
          remedy: issue.message || howToWrite(schema),
        },
      ];
  }
}

function sizeProblem(value: unknown): string {
  return Array.isArray(value)
    ? `has ${String(value.length)} ${value.length === 1 ? "entry" : "entries"}`
    : "is out of bounds";
}

/** Keys that mean nothing where they are. Their values are not shown: each may be a secret under a mistyped name. */
function unknownKeys(
  path: readonly PropertyKey[],
  unknown: readonly string[],
  input: unknown,
  schema: ValueSchema,
  alternative = alternativeOf(schema, input, unknown),
): Finding[] {
  const all = mapsOf(schema);
  const known = [alternative ?? all].flat().flatMap(({ properties = {} }) => Object.keys(properties));
  return unknown.flatMap((key): Finding[] => {
    const own = ofOtherAlternatives(key, known, all) ?? key;
    const owners = all.filter(({ properties = {} }) => Object.hasOwn(properties, own));
    if (owners.length === 0) {
      return [
        { path: [...path, key], problem: "is not a setting", ...suggestKey([...path, key], [...new Set(known)]) },
      ];
    }
    return alternative === undefined
      ? []
      : [
          {
            path: [...path, key],
            problem: `is not for ${titleOf(alternative)}`,
            remedy: `remove it: ${own === key ? "it" : own} is for ${owners.map(titleOf).join(" and ")}`,
          },
        ];
  });
}

/** A key of another alternative that differs by case and dashes alone. */
function ofOtherAlternatives(key: string, known: readonly string[], all: readonly ValueSchema[]): string | undefined {
  const others = all.flatMap(({ properties = {} }) => Object.keys(properties));
  return known.some((one) => sameKey(one, key)) ? undefined : others.find((one) => sameKey(one, key));
}

function titleOf({ title = "another form" }: ValueSchema): string {
  return title;
}

/**
 * The alternative that a value names by a key, such as a cluster's provisioner, or undefined if it names none; of a union without
 * such a key, the one that has all of the value's keys but the unknown ones.
 */
function alternativeOf(schema: ValueSchema, value: unknown, unknown: readonly string[]): ValueSchema | undefined {
  const given = isMap(value) ? Object.entries(value) : [];
  return mapsOf(schema).find(({ properties = {} }) =>
    schema.oneOf
      ? given.some(([key, one]) => properties[key]?.const === one)
      : given.some(([key]) => Object.hasOwn(properties, key)) &&
        given.every(([key]) => Object.hasOwn(properties, key) || unknown.includes(key)),
  );
}

/** Of a union, what is wrong by the alternative that the value was most probably meant to be. */
function noAlternative(
  path: readonly PropertyKey[],
  issue: ZodIssue & { readonly code: "invalid_union" },
  schema: ValueSchema,
): Finding[] {
  const { input } = issue;
  const all = alternatives(schema);
  const candidates = issue.errors
    .map((issues, index) => ({ issues, alternative: all[index] }))
    .filter(({ issues }) => !issues.some(isOfAnotherType))
    .map((candidate) => ({ ...candidate, unknown: candidate.issues.flatMap(unknownIn) }))
    .sort((a, b) => a.unknown.length - b.unknown.length || a.issues.length - b.issues.length);
  const [likeliest] = candidates;
  const given = isMap(input) ? Object.keys(input).length : undefined;
  if (!likeliest || (given === 0 && !schema.oneOf)) {
    return [notAllowed(path, issue, schema)];
  }
  if (schema.oneOf) {
    // Nobody knows which one was meant: what is wrong by any of them is reported, once.
    const found = candidates.flatMap(({ issues }) => issues.flatMap((one) => findingsOf(one, path)));
    return [...new Map(found.map((one) => [pathText(one.path), one])).values()];
  }
  if (candidates.length > 1 && given === likeliest.unknown.length) {
    return unknownKeys(path, likeliest.unknown, input, schema);
  }
  return likeliest.issues.flatMap((one) => findingsOf(one, path, likeliest.alternative));
}

function isOfAnotherType({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_value");
}

function unknownIn(issue: z.core.$ZodIssue): readonly string[] {
  return issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [];
}

function notAllowed(path: readonly PropertyKey[], { input, message }: ZodIssue, schema: ValueSchema): Finding {
  return (
    malformed(path, input) ?? {
      path,
      value: showable(input, schema),
      problem: "does not match any allowed form",
      remedy: `${message || howToWrite(schema)}${quotes(schema, input)}${orLeaveOut(path, input)}`,
    }
  );
}

/** A value of another type than the schema's, none of its choices, or no value at all. */
function mismatch(path: readonly PropertyKey[], { input, message }: ZodIssue, schema: ValueSchema): Finding {
  if (input === undefined) {
    return { path, problem: "is missing", remedy: message || `add it: ${howToWrite(schema)}`, missing: true };
  }
  const offered = choices(schema);
  if (offered.length > 0 && typeof input === schema.type && (typeof input === "string" || typeof input === "boolean")) {
    const nearest = closest(String(input), offered);
    const near = distance(String(input), nearest) <= 2 ? `; did you mean ${nearest}?` : "";
    const problem = "is not an allowed value";
    const remedy = message || `write ${offered.join(" or ")}${near}${orLeaveOut(path, input)}`;
    return { path, value: showable(input, schema), problem, remedy };
  }
  return (
    malformed(path, input) ?? {
      path,
      value: showable(input, schema),
      problem: `is ${kindOf(input)}, not ${nounOf(schema)}`,
      remedy: `${howToWrite(schema)}${quotes(schema, input)}${inYaml(path, input, schema)}${orLeaveOut(path, input)}`,
    }
  );
}

/** The text of a whole key that was meant to be JSON. The parser's message would quote it, and it may hold a secret. */
function malformed(path: readonly PropertyKey[], input: unknown): Finding | undefined {
  return path.length === 1 && typeof input === "string" && /^\s*[[{"]/.test(input)
    ? {
        path,
        problem: "is malformed JSON",
        remedy: `write it as YAML in the stack's file, or set its parts: \`pulumi config set --path 'flatmesh:${pathText(path)}…'\``,
      }
    : undefined;
}
