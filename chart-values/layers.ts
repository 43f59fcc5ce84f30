/** Helm values in layers: later ones are put over earlier ones, and each value says where it comes from. */

/** What is no map, or an empty one, by the keys that lead to it. */
export interface Leaf {
  readonly path: readonly string[];
  /** A scalar, a list, or an empty map; of this program's own values, what Pulumi has still to work out, too. */
  readonly value: unknown;
}

/** A value, and where it is from. */
export interface LayeredValue extends Leaf {
  /** What gives it: a setting by its path, such as `clusters[0].istiod.replicas`, or this program. */
  readonly origin: string;
  /** Whether it, or something in it, is encrypted in the stack's configuration. */
  readonly secret: boolean;
}

/** This program's own values, which are the first layer. */
export function programLayer(values: Readonly<Record<string, unknown>>): LayeredValue[] {
  return leavesOf(values).map((leaf) => ({ ...leaf, origin: "flatmesh", secret: false }));
}

/** Whatever is no map, and maps that are empty, by the keys that lead to it. */
export function leavesOf(values: Readonly<Record<string, unknown>>, path: readonly string[] = []): Leaf[] {
  return Object.entries(values).flatMap(([key, value]) =>
    isPlainMap(value) && Object.keys(value).length > 0
      ? leavesOf(value, [...path, key])
      : [{ path: [...path, key], value }],
  );
}

/** What comes out of all layers, in no particular order: maps are merged, everything else is replaced. */
export function merged(layers: readonly LayeredValue[]): LayeredValue[] {
  let result: LayeredValue[] = [];
  for (const layer of layers) {
    const isEmptyMap = isPlainMap(layer.value);
    if (isEmptyMap && result.some(({ path }) => startsWith(path, layer.path))) {
      continue;
    }
    result = [...result.filter(({ path }) => !startsWith(path, layer.path) && !startsWith(layer.path, path)), layer];
  }
  return result;
}

/**
 * Values as a release takes them.
 *
 * @param wrap What becomes of each value.
 */
export function valuesOf(
  layered: readonly LayeredValue[],
  wrap: (value: LayeredValue) => unknown = ({ value }) => value,
): Record<string, unknown> {
  const keys = [...new Set(layered.map(({ path }) => path[0] ?? ""))];
  const entries = keys.map((key) => {
    const below = layered.filter(({ path }) => path[0] === key);
    const [only] = below;
    return only?.path.length === 1
      ? [key, wrap(only)]
      : [
          key,
          valuesOf(
            below.map((one) => ({ ...one, path: one.path.slice(1) })),
            wrap,
          ),
        ];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** The texts in secret values, which are shown to nobody. */
export function secretTexts(layered: readonly LayeredValue[]): string[] {
  return layered.filter(({ secret }) => secret).flatMap(({ value }) => textsIn(value));
}

function textsIn(value: unknown): string[] {
  if (typeof value === "object" && value !== null) {
    return Object.values(value).flatMap(textsIn);
  }
  return typeof value === "string" && value !== "" ? [value] : [];
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.length <= path.length && start.every((key, index) => key === path[index]);
}

function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  );
}
