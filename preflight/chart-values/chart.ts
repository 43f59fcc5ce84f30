import { list } from "tar";
import { closest, distance } from "fastest-levenshtein";
import { parse } from "yaml";

type Tree = Readonly<Record<string, unknown>>;

/** What a packaged chart says of its values. */
export interface Chart {
  /** What is installed where nobody says otherwise. */
  readonly defaults: Tree;
  /** Its templates without parentheses, so that `($.Values.global).platform` reads like `$.Values.global.platform`. */
  readonly templates: string;
}

/** @param file A packaged chart. */
export async function readChart(file: string): Promise<Chart> {
  const reading: Promise<readonly [string, string]>[] = [];
  await list({
    file,
    // A chart's own files, not those of charts inside it.
    filter: (path) => /^[^/]+\/(values\.yaml|templates\/.*)$/.test(path),
    onReadEntry: (entry) => {
      reading.push(entry.concat().then((content) => [entry.path.replace(/^[^/]+\//, ""), content.toString()] as const));
    },
  });
  const files = await Promise.all(reading);
  const values = (parse(files.find(([path]) => path === "values.yaml")?.[1] ?? "{}") ?? {}) as Tree;
  const templates = files.filter(([path]) => path !== "values.yaml").map(([, content]) => content);
  return {
    // Istio's charts keep their defaults under this key, so that they can merge a profile between those and the user's values.
    defaults: (values["_internal_defaults_do_not_set"] ?? values) as Tree,
    templates: templates.join("\n").replace(/[()]/g, ""),
  };
}

/**
 * Whether a value, given by the keys that lead to it, does anything: the chart has a default for it, takes any key at that place, or
 * reads it in a template.
 */
export function knows(chart: Chart, path: readonly string[]): boolean {
  return spellings(chart, path).some(
    (keys) =>
      hasDefault(chart.defaults, keys) ||
      isRead(chart, keys) ||
      keys.some((_, index) => isReadWhole(chart, keys.slice(0, index + 1))),
  );
}

/** The key nearest to the first one of a path that the chart does not know, with those that lead to it. */
export function nearestKnown(chart: Chart, path: readonly string[]): string | undefined {
  const index = path.findIndex((_, at) => !knows(chart, path.slice(0, at + 1)));
  const outer = path.slice(0, index);
  const key = path[index] ?? "";
  const known = keysAt(chart, outer);
  if (known.length === 0) {
    return undefined;
  }
  const nearest = closest(
    key.toLowerCase(),
    known.map((one) => one.toLowerCase()),
  );
  const near = known.find((one) => one.toLowerCase() === nearest) ?? nearest;
  return distance(key.toLowerCase(), nearest) <= Math.max(2, key.length / 3) ? [...outer, near].join(".") : undefined;
}

function spellings({ templates }: Chart, path: readonly string[]): (readonly string[])[] {
  // Values may also stand under the key that they had when Istio was one chart, such as `pilot`.
  const [, former] = /index \$\.Values "(\w+)"/.exec(templates) ?? [];
  // ztunnel's chart takes what is global for the top.
  const flattens = /if true \}\}\s*\{\{-? *\$\w+ := mustMergeOverwrite \$defaults \$profile\.global/.test(templates);
  return path[0] === former || (flattens && path[0] === "global") ? [path, path.slice(1)] : [path];
}

function hasDefault(defaults: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) {
    return true;
  }
  if (typeof defaults !== "object" || defaults === null) {
    return false;
  }
  // An empty map is for keys of the user's own, and the mesh's configuration goes to istiod as it is.
  const takesAny = Object.keys(defaults).length === 0 || key === "meshConfig";
  return takesAny || (Object.hasOwn(defaults, key) && hasDefault((defaults as Tree)[key], rest));
}

function isRead({ templates }: Chart, path: readonly string[]): boolean {
  const [, ...rests] = templates.split(`.Values.${path.join(".")}`);
  const dug = `dig ${path.map((key) => `"${key}"`).join(" ")} `;
  return rests.some((rest) => !/^\w/.test(rest)) || templates.includes(dug);
}

/** Whether a template takes all of a map, whatever keys it has. */
function isReadWhole({ templates }: Chart, path: readonly string[]): boolean {
  const value = `\\$?\\.Values\\.${path.map((key) => key.replace(/[^\w-]/g, "\\$&")).join("\\.")}(?![\\w.])`;
  return [
    `(toYaml|toJson|include "[^"]+") ${value}`,
    `${value} *\\| *(toYaml|toJson)`,
    `range [^}]*:= *${value}`,
    `with ${value}[^}]*\\}\\}[^{]*\\{\\{[^}]*toYaml \\.`,
  ].some((pattern) => new RegExp(pattern).test(templates));
}

function keysAt({ defaults, templates }: Chart, path: readonly string[]): string[] {
  let tree: unknown = defaults;
  for (const key of path) {
    tree = typeof tree === "object" && tree !== null ? (tree as Tree)[key] : undefined;
  }
  const given = typeof tree === "object" && tree !== null ? Object.keys(tree) : [];
  const prefix = [".Values", ...path, ""].join(".");
  const read = templates
    .split(prefix)
    .slice(1)
    .flatMap((rest) => /^\w+/.exec(rest)?.[0] ?? []);
  return [...new Set([...given, ...read])];
}
