import { isObject, isSecret, secret, unwrap } from "../protocol/values";
import type { Props, Value } from "../protocol/values";

/** Property names that Pulumi's SDKs write with underscores, because most languages have no dashes in names. */
const DASHED = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];

const TO_UNDERSCORES = new Map(DASHED.map((name) => [name, name.replaceAll("-", "_")]));
const TO_DASHES = new Map(DASHED.map((name) => [name.replaceAll("-", "_"), name]));

/** As the API server wants them. */
export function withDashes(props: Props): Props {
  return rename(props, TO_DASHES);
}

/** As the state has them. */
export function withUnderscores(props: Props): Props {
  return rename(props, TO_UNDERSCORES);
}

function rename(props: Props, names: ReadonlyMap<string, string>): Props {
  return Object.fromEntries(
    Object.entries(props).map(([key, value]) => [names.get(key) ?? key, renameIn(value, names)]),
  );
}

function renameIn(value: Value, names: ReadonlyMap<string, string>): Value {
  if (isSecret(value)) {
    return secret(renameIn(unwrap(value), names));
  }
  if (Array.isArray(value)) {
    return value.map((part) => renameIn(part, names));
  }
  return isObject(value) ? rename(value, names) : value;
}
