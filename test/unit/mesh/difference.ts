/** A field that two documents do not agree on; undefined where one has none. */
export interface Difference {
  /** Keys and indices from the top, joined by " > ". */
  readonly path: string;
  readonly guide: unknown;
  readonly ours: unknown;
}

/** Every field, down to its last leaf, in which our document differs from the guide's. */
export function differences(guide: unknown, ours: unknown): Difference[] {
  const theirs = new Map(leaves(guide, []));
  const own = new Map(leaves(ours, []));
  return [...new Set([...theirs.keys(), ...own.keys()])]
    .filter((path) => theirs.get(path) !== own.get(path))
    .map((path) => ({ path, guide: theirs.get(path), ours: own.get(path) }));
}

function leaves(value: unknown, path: readonly string[]): [string, unknown][] {
  if (typeof value !== "object" || value === null) {
    return [[path.join(" > "), value]];
  }
  const entries = Object.entries(value);
  return entries.length === 0
    ? [[path.join(" > "), Array.isArray(value) ? "an empty list" : "an empty map"]]
    : entries.flatMap(([key, entry]) => leaves(entry, [...path, key]));
}
