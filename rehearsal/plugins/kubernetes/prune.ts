import { isObject } from "../protocol/values";
import type { Props, Value } from "../protocol/values";

/**
 * What of a live object the program has a say in: the parts that `inputs` has too. Compared with new inputs it shows
 * both what the program changed and what somebody else did, and nothing that the API server filled in.
 */
export function prune(live: Props, inputs: Props): Props {
  return Object.fromEntries(
    Object.entries(live).flatMap(([key, value]) => {
      const input = inputs[key];
      return input === undefined ? [] : [[key, pruneValue(value, input)]];
    }),
  );
}

function pruneValue(live: Value, input: Value): Value {
  if (isObject(live) && isObject(input)) {
    return prune(live, input);
  }
  if (Array.isArray(live) && Array.isArray(input)) {
    return input.slice(0, live.length).map((part, index) => pruneValue(live[index] ?? null, part));
  }
  return sameQuantity(live, input) ? input : live;
}

const SUFFIXES = new Map([
  ["", 1],
  ["m", 1e-3],
  ["k", 1e3],
  ["M", 1e6],
  ["G", 1e9],
  ["T", 1e12],
  ["Ki", 2 ** 10],
  ["Mi", 2 ** 20],
  ["Gi", 2 ** 30],
  ["Ti", 2 ** 40],
]);

/** The API server writes quantities its own way, `0.5` as `500m`: still what the program said. */
function sameQuantity(live: Value, input: Value): boolean {
  const left = quantity(live);
  return left !== undefined && left === quantity(input);
}

function quantity(value: Value): number | undefined {
  if (typeof value !== "string" && typeof value !== "number") {
    return undefined;
  }
  const [, digits, suffix] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(value)) ?? [];
  const factor = SUFFIXES.get(suffix ?? "");
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
