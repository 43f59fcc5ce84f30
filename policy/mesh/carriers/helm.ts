import { at, isMap, list, type Properties, unknown, type Value } from "../../state";
import { merged } from "../values";
import { type Carried, type Content, hasTemplates, speaksOfMesh, templatesUnknown } from "./content";
import { readValues } from "../yaml";

/** A use of a chart as its carrier says it. What is undefined there is left to the controller. */
export interface ChartUse extends Pick<Content, "path" | "cluster" | "outlives"> {
  /** Name, URL, or path (which begins with a dot). */
  readonly chart: Value | undefined;
  /** URL; undefined where the chart has it, or where it is not known. */
  readonly repository?: Value | undefined;
  /** The name of what it is taken from. */
  readonly source?: Value | undefined;
  readonly version: Value | undefined;
  /** Of the release. */
  readonly name: Value | undefined;
  readonly namespace: Value | undefined;
  /** In the order in which they override one another. */
  readonly values: readonly ReadValues[];
  /** What else has values, or changes what becomes of them, but can't be read. */
  readonly unread: readonly string[];
}

/** Values as far as they could be read. */
export interface ReadValues {
  readonly value: Value;
  /** Why they could not be. */
  readonly unread?: string;
}

/** The release that a use of a chart becomes: every rule sees it as one that the program declares itself. */
export function releaseOf(use: ChartUse): Carried {
  const { path, chart, repository, source, version, name, namespace, values, cluster, outlives } = use;
  const unread = [...use.unread, ...values.flatMap((one) => one.unread ?? [])];
  const inputs: Record<string, Value> = {
    values: values.reduce<Value>((all, one) => merged(all, one.value), {}),
    ...(unread.length > 0 && { valuesElsewhere: true }),
    ...(repository !== undefined && { repositoryOpts: { repo: repository } }),
    ...given({ chart, source, version, name, namespace }),
  };
  return {
    contents: [
      { path, type: "kubernetes:helm.sh/v3:Release", inputs, cluster, ...(outlives === true && { outlives }) },
    ],
    unread: speaksOfMesh(chart, repository, source, name, namespace) ? unread : [],
  };
}

function given(properties: Readonly<Record<string, Value | undefined>>): Properties {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/**
 * Values as a text or as a map.
 *
 * @param path Where they stand.
 * @param templated Whether the controller fills in templates before it reads them.
 */
export function valuesAt(value: Value | undefined, path: string, templated = false): ReadValues {
  if (value === undefined || value === null || value === "") {
    return { value: {} };
  }
  if (typeof value !== "string") {
    return { value: templated ? templatesUnknown(value) : value };
  }
  // Without quotes, a template would be a map to YAML.
  const read = readValues(templated ? value.replaceAll(/\{\{[^]*?\}\}/g, "${template}") : value);
  if ("wrong" in read) {
    return templated && hasTemplates(value)
      ? { value: unknown, unread: `has templates in ${path}, which only its controller fills in` }
      : { value: unknown, unread: `has values in ${path} that are not YAML (${read.wrong}): correct them` };
  }
  return { value: templated ? templatesUnknown(read.value) : read.value };
}

/** One of Helm's `--set a.b\.c[0]=value`, which argues about types as Helm does unless it is to be a text. */
export interface Setting {
  readonly name: string;
  readonly value: Value;
  readonly asText: boolean;
}

export function setValues(settings: readonly Setting[]): ReadValues {
  return {
    value: settings.reduce<Value>(
      (all, { name, value, asText }) => set(all, keysOf(name), asText ? value : typed(value)),
      {},
    ),
  };
}

/** `a.b\.c[0]` → a, b.c, 0 */
function keysOf(name: string): (string | number)[] {
  return (name.match(/(?:\\.|[^.\\])+/g) ?? []).flatMap((part): (string | number)[] => {
    const [, key = "", indexes = ""] = /^(.*?)((?:\[\d+\])*)$/.exec(part) ?? [];
    const names = key === "" ? [] : [key.replaceAll(/\\(.)/g, "$1")];
    return [...names, ...[...indexes.matchAll(/\d+/g)].map(([index]) => Number(index))];
  });
}

/** Helm allows no higher index. */
const highestIndex = 65_536;

function set(under: Value | undefined, keys: readonly (string | number)[], value: Value): Value {
  const [key, ...rest] = keys;
  if (key === undefined) {
    return value;
  }
  if (under === unknown) {
    return unknown;
  }
  if (typeof key === "string") {
    return { ...(isMap(under) ? under : {}), [key]: set(at(under, key), rest, value) };
  }
  const before = list(under);
  return key > highestIndex
    ? before
    : Array.from({ length: Math.max(before.length, key + 1) }, (_, index) =>
        index === key ? set(before[index], rest, value) : (before[index] ?? null),
      );
}

function typed(value: Value): Value {
  switch (value) {
    case "true":
      return true;
    case "false":
      return false;
    case "null":
      return null;
    default:
      return typeof value === "string" && /^(0|-?[1-9]\d*)$/.test(value) ? Number(value) : value;
  }
}
