/** What the engine has in place of a value that is known only after the update (its `UnknownStringValue`). */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Longer texts are certificates, scripts and the like: that they change is said, not how. */
const longest = 80;

/**
 * The value at a path of the engine's detailed diff, such as `spec.ports[0].port` or `metadata.labels["a.b/c"]`, as a short
 * text; undefined where there is none, or none to show on one line.
 */
export function valueText(properties: unknown, path: string): string | undefined {
  const value = parts(path).reduce(part, properties);
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    return undefined;
  }
  const text = String(value);
  if (text === unknown) {
    return "(known after the update)";
  }
  return text.length <= longest && !text.includes("\n") ? text : undefined;
}

function parts(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, name]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? name ?? "",
  );
}

function part(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
