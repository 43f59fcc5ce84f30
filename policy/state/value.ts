/** What {@link unknown} is the only one of. */
class Unknown {
  readonly known = false;
}

/** Stands for a value that only the update will know: it occurs in previews alone. */
export const unknown = new Unknown();

/** A property as rules see it: plain JSON, with secrets in the clear, and {@link unknown} where nothing is known yet. */
export type Value = null | boolean | number | string | Unknown | readonly Value[] | Properties;

/** Properties by name. */
export interface Properties {
  readonly [name: string]: Value;
}

/** A decoded value, with where in it the secrets are. */
export interface Decoded {
  readonly value: Value;
  /** Paths as {@link pathText} writes them; what is below one is secret as well. */
  readonly secrets: readonly string[];
}

/** Marks of the engine's protocol, which its states have as well (sdk/nodejs/runtime/rpc.ts in pulumi/pulumi). */
const signature = "4dabf18193072939515e22adb298388d";
const signatures = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

/** What `pulumi policy analyze --file` has in place of a secret that it can't decrypt, whatever its type. */
const undecrypted = "[secret]";

/** What the engine sends in place of a string, boolean, number, list, asset, archive or map that it doesn't know yet. */
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknowns: ReadonlySet<unknown> = new Set([
  unknownText,
  undecrypted,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** How a wrapped value is opened; undefined for one that is not wrapped. */
export type Unwrap = (value: object) => { readonly value: unknown; readonly secret: boolean } | undefined;

/**
 * Decodes a property as the engine has it.
 *
 * @param unwrap Opens wrappers of whoever has read the property before; those of the protocol are known.
 */
export function decode(raw: unknown, unwrap: Unwrap = () => undefined): Decoded {
  const secrets: string[] = [];
  const visit = (value: unknown, path: readonly string[]): Value => {
    if (unknowns.has(value)) {
      return unknown;
    }
    if (Array.isArray(value)) {
      return value.map((entry, index) => visit(entry, [...path, String(index)]));
    }
    if (typeof value !== "object" || value === null) {
      return isPlain(value) ? value : null;
    }
    const wrapped = unwrap(value) ?? unwrapProtocol(value);
    if (wrapped) {
      if (wrapped.secret) {
        secrets.push(pathText(path));
      }
      return visit(wrapped.value, path);
    }
    return Object.fromEntries(
      ownEntries(value)
        .filter(([, entry]) => entry !== undefined)
        .map(([key, entry]) => [key, visit(entry, [...path, key])]),
    );
  };
  return { value: visit(raw, []), secrets };
}

/**
 * The entries as they are: `Object.entries` would ask a proxy for them, and those of @pulumi/policy throw on unknown values
 * and hide which ones are secret.
 */
function ownEntries(value: object): [string, unknown][] {
  return Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([key, property]): [string, unknown][] =>
    property.enumerable === true && "value" in property ? [[key, property.value]] : [],
  );
}

function isPlain(value: unknown): value is null | boolean | number | string {
  return value === null || ["boolean", "number", "string"].includes(typeof value);
}

function unwrapProtocol(value: object): ReturnType<Unwrap> {
  const map: Readonly<Record<string, unknown>> = Object.fromEntries(ownEntries(value));
  switch (map[signature]) {
    case signatures.secret:
      // In a state a secret is a JSON text, or a cipher where nobody has asked for it in the clear.
      return {
        secret: true,
        value: typeof map["plaintext"] === "string" ? JSON.parse(map["plaintext"]) : (map["value"] ?? unknownText),
      };
    case signatures.output:
      return { secret: map["secret"] === true, value: "value" in map ? map["value"] : unknownText };
    case signatures.asset:
      return { secret: false, value: { text: map["text"], path: map["path"], uri: map["uri"] } };
    case signatures.archive:
      return { secret: false, value: { assets: map["assets"], path: map["path"], uri: map["uri"] } };
    default:
      return undefined;
  }
}

/** `spec.listeners[0].port`, `metadata.labels["a.b/c"]`: as Pulumi writes paths. */
export function pathText(path: readonly string[]): string {
  return path.reduce((text, key) => {
    if (/^\d+$/.test(key)) {
      return `${text}[${key}]`;
    }
    return /^[\w-]+$/.test(key) ? `${text}${text && "."}${key}` : `${text}["${key}"]`;
  }, "");
}

/** The value at a path; {@link unknown} also where something on the way there is; undefined where there is none. */
export function at(value: Value | undefined, ...path: readonly (string | number)[]): Value | undefined {
  const [key, ...rest] = path;
  if (key === undefined || value instanceof Unknown) {
    return value;
  }
  if (Array.isArray(value)) {
    return at((value as readonly Value[])[Number(key)], ...rest);
  }
  return isMap(value) && Object.hasOwn(value, key) ? at(value[key], ...rest) : undefined;
}

/** Whether there is a map of properties. */
export function isMap(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}

/** The text at a path; numbers and booleans as one, since YAML makes them of unquoted texts. Undefined where there is none, or none yet. */
export function text(value: Value | undefined, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean"
    ? String(found)
    : undefined;
}

/** Whether a value is missing, and will be: one that is not known yet is not. Empty texts and null count as missing. */
export function missing(value: Value | undefined): boolean {
  return value === undefined || value === null || value === "";
}

/** The entries of the list at a path; none where there is no list, or none yet. */
export function list(value: Value | undefined, ...path: readonly (string | number)[]): readonly Value[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly Value[]) : [];
}

/** The entries of the map at a path; none where there is no map, or none yet. */
export function entries(value: Value | undefined, ...path: readonly (string | number)[]): [string, Value][] {
  const found = at(value, ...path);
  return isMap(found) ? Object.entries(found) : [];
}

/** Every text in a value, with its path. */
export function texts(value: Value, path: readonly string[] = []): { path: readonly string[]; text: string }[] {
  if (typeof value === "string") {
    return [{ path, text: value }];
  }
  if (Array.isArray(value)) {
    return (value as readonly Value[]).flatMap((entry, index) => texts(entry, [...path, String(index)]));
  }
  return isMap(value) ? Object.entries(value).flatMap(([key, entry]) => texts(entry, [...path, key])) : [];
}
