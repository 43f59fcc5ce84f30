import { quantity } from "../../kubernetes";

/** A step into an object: a key of a map, a position in a list, or the item of a list that has these values of its merge keys. */
export type Step = string | number | Readonly<Record<string, unknown>>;

/** A declared field that an object no longer has as it was declared. */
export interface Difference {
  readonly path: readonly Step[];
  readonly declared: unknown;
  /** Undefined where it is missing. */
  readonly live: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Compares each declared field with what an API server has. What was not declared belongs to others: defaults, controllers, and
 * whoever adds a label. Values that the API server stores in another form, or drops as empty, are equal.
 *
 * @param declared As the API server takes it: see `asServed`.
 */
export function differences(declared: Fields, live: Fields): Difference[] {
  const { metadata, ...rest } = declared;
  const { labels, annotations } = fieldsOf(metadata);
  const fields = Object.entries(rest).filter(([key]) => !["apiVersion", "kind", "status"].includes(key));
  // Orders to the plugin are not stored by every version of it.
  const kept = Object.entries(fieldsOf(annotations)).filter(([key]) => !key.startsWith("pulumi.com/"));
  return inMap(
    { metadata: { labels, annotations: Object.fromEntries(kept) }, ...Object.fromEntries(fields) },
    live,
    [],
  );
}

function inMap(declared: Fields, live: Fields, path: readonly Step[]): Difference[] {
  return Object.entries(declared).flatMap(([key, value]) => inValue(value, live[key], [...path, key]));
}

function inValue(declared: unknown, live: unknown, path: readonly Step[]): Difference[] {
  if (declared === null || declared === undefined || (live === undefined && isEmpty(declared) && !isInTexts(path))) {
    return [];
  }
  if (isMap(declared) && (isMap(live) || live === undefined)) {
    return inMap(declared, live ?? {}, path);
  }
  if (Array.isArray(declared) && Array.isArray(live)) {
    return inList(declared, live, path);
  }
  return isEqual(declared, live, path) ? [] : [{ path, declared, live }];
}

function inList(declared: readonly unknown[], live: readonly unknown[], path: readonly Step[]): Difference[] {
  // Whoever adds a subject to a binding gives it rights: these belong to the list as a whole.
  const keys = path.at(-1) === "subjects" ? undefined : mergeKeys(declared);
  if (keys === undefined) {
    return declared.length === live.length
      ? declared.flatMap((item, index) => inValue(item, live[index], [...path, index]))
      : [{ path, declared, live }];
  }
  return declared.filter(isMap).flatMap((item) => {
    const step = Object.fromEntries(keys.flatMap((key) => (key in item ? [[key, item[key]]] : [])));
    const found = live.filter(isMap).find((other) => keys.every((key) => (other[key] ?? "") === (item[key] ?? "")));
    return found === undefined
      ? [{ path: [...path, step], declared: item, live: undefined }]
      : inMap(item, found, [...path, step]);
  });
}

/** By what the API server tells the items of its lists apart, the more telling first. */
const candidates: readonly (readonly string[])[] = [
  ["mountPath"],
  ["devicePath"],
  ["name"],
  ["containerPort"],
  ["port"],
  ["topologyKey", "whenUnsatisfiable"],
  ["ip"],
  ["uid"],
];

/** The keys that tell these items apart; undefined for a list that is compared item by item. */
function mergeKeys(items: readonly unknown[]): readonly string[] | undefined {
  const maps = items.filter(isMap);
  if (maps.length < items.length || maps.length === 0) {
    return undefined;
  }
  return candidates.find(([first = "", ...others]) => {
    const values = maps.map((item) => JSON.stringify([first, ...others].map((key) => item[key])));
    return maps.every((item) => item[first] !== undefined) && new Set(values).size === maps.length;
  });
}

/** Maps of texts, of which the API server keeps the empty ones. */
const textMaps = new Set(["annotations", "data", "labels", "matchLabels", "nodeSelector"]);

function isInTexts(path: readonly Step[]): boolean {
  const parent = path.at(-2);
  return typeof parent === "string" && textMaps.has(parent);
}

/** What an API server leaves out. */
function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    ["", false, 0].some((empty) => empty === value) ||
    (Array.isArray(value) && value.length === 0) ||
    (isMap(value) && Object.values(value).every((each) => each === undefined || isEmpty(each)))
  );
}

/** Maps of quantities. */
const quantityFields = new Set(["limits", "requests", "hard", "capacity", "allocatable", "min", "max"]);
/** Quantities. */
const quantityField = /^(averageValue|sizeLimit|divisor|storage)$/;

function isEqual(declared: unknown, live: unknown, path: readonly Step[]): boolean {
  if (declared === live) {
    return true;
  }
  if (!isScalar(declared) || !isScalar(live)) {
    return false;
  }
  // A port may be a number or a text; a chart's number in a map of texts is refused before it gets here.
  if (String(declared) === String(live)) {
    return true;
  }
  const [parent, last] = [path.at(-2), path.at(-1)];
  const mayBeQuantity =
    (typeof parent === "string" && quantityFields.has(parent)) ||
    (typeof last === "string" && quantityField.test(last));
  const amount = mayBeQuantity ? quantity(String(declared)) : undefined;
  return amount !== undefined && amount === quantity(String(live));
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

export function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  return isMap(value) ? value : {};
}
