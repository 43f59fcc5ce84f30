import { alternatives, choices, pathText, type ValueSchema } from "./reference";

/** Only keys that have a default are read when they are empty. */
export function orLeaveOut({ length }: readonly PropertyKey[], value: unknown): string {
  return length === 1 && value === "" ? ", or leave it out" : "";
}

/** Where what YAML or Pulumi's command makes of a text is not plain. */
export function inYaml(path: readonly PropertyKey[], value: unknown, { items, type }: ValueSchema): string {
  if (value === null) {
    return "; YAML reads a key without a value as null";
  }
  if (type === "string" && Array.isArray(value)) {
    return ", one alone";
  }
  return items && path.length === 1 && typeof value === "string" && value !== ""
    ? `, or set its entries: \`pulumi config set --path 'flatmesh:${pathText(path)}[0]' …\``
    : "";
}

/** YAML and JSON make a number of 1 and a string of "1". */
export function quotes(schema: ValueSchema, value: unknown): string {
  if (choices(schema).length > 0) {
    return "";
  }
  if (schema.type === "string") {
    return typeof value === "number" || typeof value === "boolean" ? ", in quotes" : "";
  }
  return typeof value === "string" && /^(-?\d+|true|false)$/.test(value) ? ", without quotes" : "";
}

/** What to write, by what is allowed. */
export function howToWrite(schema: ValueSchema): string {
  const offered = choices(schema);
  if (offered.length > 0) {
    return `write ${offered.join(" or ")}`;
  }
  if (schema.items) {
    return "write a list, each entry after a “-”";
  }
  if (schema.properties) {
    return `write a map with the keys ${Object.keys(schema.properties).join(", ")}`;
  }
  if (schema.type === "boolean") {
    return "write true or false";
  }
  return schema.oneOf ? "write a map of keys and values" : `write ${alternatives(schema).map(nounOf).join(" or ")}`;
}

const nouns: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a whole number",
  integer: "a whole number",
  boolean: "a boolean",
  array: "a list",
};

/** What a value has to be: "a list". */
export function nounOf({ type = "object" }: ValueSchema): string {
  return nouns[type] ?? "a map";
}

/** What a value is: "a list". */
export function kindOf(value: unknown): string {
  if (value === null) {
    return "null";
  }
  return typeof value === "number" ? "a number" : nounOf({ type: Array.isArray(value) ? "array" : typeof value });
}

/** A string where a map or list belongs may be a whole file, credentials included: only simple values are shown. */
export function showable(value: unknown, schema: ValueSchema): string | number | boolean | undefined {
  const simple = alternatives(schema).some(({ type = "" }) =>
    ["string", "number", "integer", "boolean"].includes(type),
  );
  const scalar = (typeof value === "string" && !mayHoldPassword(value)) || ["number", "boolean"].includes(typeof value);
  return simple && scalar && !schema.secret ? (value as string | number | boolean | undefined) : undefined;
}

/** `https://user:password@host`, `user:password@host/path`, `https://host/?token=…` */
function mayHoldPassword(text: string): boolean {
  return /^([^/?#]*:\/\/)?[^/?#]*@(?!sha256:)|:\/\/[^\s]*[@?#]/.test(text);
}
