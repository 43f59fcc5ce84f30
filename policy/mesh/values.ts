import { at, isMap, type Value } from "../state";

/** As Helm merges: maps key by key, anything else as a whole. */
export function merged(under: Value, over: Value): Value {
  if (!isMap(under) || !isMap(over)) {
    return over;
  }
  const keys = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries(
    [...keys].map((key) => {
      const [below, above] = [under[key], over[key]];
      return [key, below === undefined ? (above ?? null) : above === undefined ? below : merged(below, above)];
    }),
  );
}

/** Istio's charts keep their defaults below a key of their own, through which some set values too. */
export function withDefaults(values: Value): Value {
  return ["_internal_defaults_do_not_set", "defaults"].reduce((all, key) => {
    const below = at(all, key);
    return isMap(below) ? merged(below, all) : all;
  }, values);
}
