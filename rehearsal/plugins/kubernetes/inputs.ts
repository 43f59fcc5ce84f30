import { asText, hasUnknown, isObject, reveal, unwrap } from "../protocol/values";
import type { JsonObject, Props, Value } from "../protocol/values";
import { withDashes } from "./dashes";
import type { KubeObject } from "./object";
import { markSecrets } from "./secrecy";

/** What the API server fills in, and nobody can ask for. */
const READ_ONLY_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** Inputs as the API server will hold them: no read-only metadata, a Secret's `stringData` in its `data`. */
export function normalized(inputs: Props): Props {
  const { metadata } = inputs;
  const normal = isObject(metadata) ? { ...inputs, metadata: without(metadata, READ_ONLY_METADATA) } : inputs;
  return normal.kind === "Secret" && normal.stringData !== undefined && !hasUnknown(normal)
    ? encodedSecret(normal)
    : normal;
}

function encodedSecret({ stringData = {}, data = {}, ...rest }: Props): Props {
  const texts = reveal(stringData) as JsonObject;
  const encoded = Object.entries(texts).map(([key, value]) => [key, Buffer.from(asText(value)).toString("base64")]);
  return markSecrets(
    { ...rest, data: { ...(unwrap(data) as Props), ...(Object.fromEntries(encoded) as JsonObject) } },
    {},
  );
}

/** What a program would have to say to get the object as it is. */
export function importedInputs(live: KubeObject): Props {
  const metadata = without((live.metadata ?? {}) as JsonObject, READ_ONLY_METADATA);
  return { ...without(live, ["status"]), metadata };
}

export function without<Part>(object: Record<string, Part>, keys: readonly string[]): Record<string, Part> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Without secrecy, and by the names that the API server uses. */
export function unwrapped(props: Props): Props {
  return withDashes(unwrap(props) as Props);
}

/** For looking at names and annotations: what is not known yet is left out. */
export function revealKnown(props: Props): JsonObject {
  return JSON.parse(JSON.stringify(unwrap(props))) as JsonObject;
}

/**
 * What counts when inputs are compared with a live object: the API server drops what is null, and from kinds of its own
 * also what is empty.
 */
export function significant(props: Props): Props {
  return keep(props, isBuiltIn(asText(props.apiVersion)));
}

function keep(props: Props, dropEmpty: boolean): Props {
  return Object.fromEntries(
    Object.entries(props).flatMap(([key, value]) => {
      const kept = keepValue(value, dropEmpty);
      return kept === null || (dropEmpty && isEmpty(kept)) ? [] : [[key, kept]];
    }),
  );
}

function keepValue(value: Value, dropEmpty: boolean): Value {
  if (Array.isArray(value)) {
    return value.map((part) => keepValue(part, dropEmpty));
  }
  return isObject(value) ? keep(value, dropEmpty) : value;
}

function isEmpty(value: Value): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** `v1`, `apps/v1`, `rbac.authorization.k8s.io/v1`; not the kinds of an extension, even one under k8s.io. */
function isBuiltIn(apiVersion: string): boolean {
  const [group = "", version] = apiVersion.split("/");
  return version === undefined || !group.includes(".") || (group.endsWith(".k8s.io") && !EXTENSIONS.test(group));
}

const EXTENSIONS = /^(gateway\.networking|.*\.x)\.k8s\.io$|\.x-k8s\.io$/;
