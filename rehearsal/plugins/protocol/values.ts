import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/**
 * Pulumi's property values as a plugin works with them: JSON, plus values that are secret and values that a preview
 * does not know yet. On the wire both hide in JSON behind the signatures below, which are part of the protocol.
 */
export type Value = null | boolean | number | string | Value[] | Props | Secret | Unknown;

/** The properties of one resource: its inputs or its state. */
export interface Props {
  [key: string]: Value;
}

/** A value that the engine encrypts in its state and hides on the console. */
export interface Secret {
  readonly [HIDDEN]: Value;
}

const HIDDEN: unique symbol = Symbol("secret");

/** A value that is known only once something else has been created: it occurs in previews alone. */
export const UNKNOWN: unique symbol = Symbol("unknown");

export type Unknown = typeof UNKNOWN;

/** JSON as the tools behind a plugin take and give it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

// The protocol marks an unknown by what it would be: string, boolean, number, array, object. Plugins don't care.
const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS = new Set([
  UNKNOWN_STRING,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export function secret(value: Value): Secret {
  return { [HIDDEN]: value };
}

export function isSecret(value: Value | undefined): value is Secret {
  return typeof value === "object" && value !== null && HIDDEN in value;
}

export function isObject(value: Value | undefined): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isSecret(value);
}

/** What the engine sent. Throws on assets, archives and resource references, which no stand-in takes. */
export function fromWire(struct: Struct | undefined): Props {
  return struct === undefined ? {} : mapValues(struct.toJavaScript(), decode);
}

function decode(value: JavaScriptValue): Value {
  if (typeof value === "string") {
    return UNKNOWNS.has(value) ? UNKNOWN : value;
  }
  if (Array.isArray(value)) {
    return value.map(decode);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const { [SIGNATURE]: signature, ...rest } = value as Record<string, JavaScriptValue>;
  switch (signature) {
    case undefined:
      return mapValues(rest, decode);
    case SECRET_SIGNATURE:
      return secret(decode(rest.value ?? null));
    case OUTPUT: {
      const inner = "value" in rest ? decode(rest.value ?? null) : UNKNOWN;
      return rest.secret === true ? secret(inner) : inner;
    }
    default:
      throw new Error(
        "Assets, archives and resource references are not supported by the stand-in plugins in rehearsal/plugins.",
      );
  }
}

/** What the engine gets. */
export function toWire(props: Props): Struct {
  return Struct.fromJavaScript(mapValues(props, encode));
}

function encode(value: Value): JavaScriptValue {
  if (value === UNKNOWN) {
    return UNKNOWN_STRING;
  }
  if (isSecret(value)) {
    return { [SIGNATURE]: SECRET_SIGNATURE, value: encode(value[HIDDEN]) };
  }
  if (Array.isArray(value)) {
    return value.map(encode);
  }
  return isObject(value) ? mapValues(value, encode) : value;
}

/** The value without secrets' wrappers: what a tool needs. Throws on an unknown, which only a caller's mistake lets through. */
export function reveal(value: Value): Json {
  if (value === UNKNOWN) {
    throw new Error("A value that is not known yet reached a stand-in plugin outside a preview.");
  }
  if (isSecret(value)) {
    return reveal(value[HIDDEN]);
  }
  if (Array.isArray(value)) {
    return value.map(reveal);
  }
  return isObject(value) ? revealProps(value) : value;
}

/** The value as text, secret or not; empty when it has no text, or none yet. */
export function asText(value: Value | undefined): string {
  const plain = unwrap(value ?? null);
  return typeof plain === "string" || typeof plain === "number" || typeof plain === "boolean" ? String(plain) : "";
}

export function revealProps(props: Props): JsonObject {
  return mapValues(props, reveal);
}

/** The value without secrets' wrappers, at every depth, unknowns kept: for comparing. */
export function unwrap(value: Value): Value {
  if (isSecret(value)) {
    return unwrap(value[HIDDEN]);
  }
  if (Array.isArray(value)) {
    return value.map(unwrap);
  }
  return isObject(value) ? mapValues(value, unwrap) : value;
}

export function hasUnknown(value: Value): boolean {
  return some(value, (part) => part === UNKNOWN);
}

export function hasSecret(value: Value): boolean {
  return some(value, (part) => isSecret(part));
}

function some(value: Value, test: (part: Value) => boolean): boolean {
  if (test(value)) {
    return true;
  }
  if (isSecret(value)) {
    return some(value[HIDDEN], test);
  }
  if (Array.isArray(value)) {
    return value.some((part) => some(part, test));
  }
  return isObject(value) && Object.values(value).some((part) => some(part, test));
}

/** Whether two values say the same, secret or not. An unknown equals nothing, not even another unknown. */
export function same(left: Value | undefined, right: Value | undefined): boolean {
  if (isSecret(left)) {
    return same(left[HIDDEN], right);
  }
  if (isSecret(right)) {
    return same(left, right[HIDDEN]);
  }
  if (left === UNKNOWN || right === UNKNOWN) {
    return false;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((part, index) => same(part, right[index]));
  }
  if (isObject(left) && isObject(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => same(left[key], right[key]));
  }
  return left === right;
}

export function mapValues<From, To>(object: Record<string, From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
