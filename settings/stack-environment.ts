/**
 * What `environment:` of a stack's file takes over from Pulumi ESC: the names of environments, or the definition of one, whose
 * `values.pulumiConfig` are settings. Only Pulumi can open environments and work out their functions and references; what stands there
 * as it is can be read.
 */
import { isMap } from "./issues";

export interface StackEnvironment {
  /** The names of the environments that it imports, which nobody but Pulumi can look into. */
  readonly imports: readonly string[];
  /** Settings by full keys; {@link isUnseen} in the place of each value that only Pulumi can work out. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** @param environment As the file has it; undefined where it has none. */
export function stackEnvironment(environment: unknown): StackEnvironment {
  const { imports, values } = isMap(environment) ? environment : { imports: environment };
  const config = isMap(values) && isMap(values["pulumiConfig"]) ? values["pulumiConfig"] : {};
  return {
    imports: (Array.isArray(imports) ? imports : []).flatMap((one: unknown) =>
      isMap(one) ? Object.keys(one) : String(one),
    ),
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, literal(value)])),
  };
}

/** Functions of Pulumi ESC are maps of one key that begins so. */
const functionKey = "fn::";

/** Whether only Pulumi can work out a value. */
export function isUnseen(value: unknown): boolean {
  return isMap(value) && Object.keys(value).some((key) => key.startsWith(functionKey));
}

function literal(value: unknown): unknown {
  if (typeof value === "string") {
    return /(?<!\$)\$\{/.test(value) ? { [functionKey]: "" } : value.replaceAll("$${", "${");
  }
  if (Array.isArray(value)) {
    return value.map(literal);
  }
  return isMap(value) && !isUnseen(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, literal(one)]))
    : value;
}

/** A setting of the stack over one of its environment, as Pulumi merges them: maps key by key, anything else as a whole (RFC 7386). */
export function mergedSetting(own: unknown, given: unknown): unknown {
  if (own === undefined) {
    return given;
  }
  if (!isMap(own) || !isMap(given) || isUnseen(given) || "secure" in own) {
    return own;
  }
  const keys = new Set([...Object.keys(given), ...Object.keys(own)]);
  return Object.fromEntries([...keys].map((key) => [key, mergedSetting(own[key], given[key])]));
}
