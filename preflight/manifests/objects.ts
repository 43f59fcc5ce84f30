import { type KubernetesObject, namespaceName, objectName } from "../../kubernetes";
import { isNamespaced } from "./kinds";

/** An object as a file has it, or what is wrong with it. */
export type ReadObject = { readonly object: KubernetesObject } | { readonly problem: string };

type Fields = Readonly<Record<string, unknown>>;

/** What API servers fill in: files that kubectl has printed have it. */
const filledIn = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

/** Checks what every object has to have. No message quotes a value that is not a name. */
export function objectIn(value: unknown): ReadObject {
  if (!isMap(value)) {
    return { problem: "is not an object of Kubernetes, which is a map with apiVersion, kind and metadata" };
  }
  if (isMap(value["sops"])) {
    return { problem: "is encrypted by sops, and nothing here decrypts it: have what makes such Secrets do that" };
  }
  const { apiVersion, kind, metadata } = value;
  const lacks = (["apiVersion", "kind", "metadata"] as const).filter((key) => value[key] === undefined);
  if (lacks.length > 0) {
    return { problem: `has no ${lacks.join(" and no ")}: add it, or take out what is no object of Kubernetes` };
  }
  if (typeof apiVersion !== "string" || !/^([a-z0-9.-]+\/)?v\d+[a-z0-9]*$/.test(apiVersion)) {
    return { problem: "has an apiVersion that is none: write v1, or a group and its version, such as apps/v1" };
  }
  if (typeof kind !== "string" || !/^[A-Z][A-Za-z0-9]*$/.test(kind)) {
    return { problem: "has a kind that is none: write it as the API has it, such as ConfigMap" };
  }
  if (apiVersion.startsWith("kustomize.config.k8s.io/")) {
    return { problem: "is for Kustomize: render it, and name the result: kubectl kustomize FOLDER > FILE.yaml" };
  }
  if (!isMap(metadata)) {
    return { problem: `(${kind}) has metadata that is no map` };
  }
  const problem = nameProblem(metadata) ?? textsProblem(metadata) ?? jsonProblem(value);
  return problem === undefined
    ? { object: cleaned(value, apiVersion, kind, metadata) }
    : { problem: `(${kind}) ${problem}` };
}

function nameProblem({ name, namespace, generateName }: Fields): string | undefined {
  if (name === undefined && generateName !== undefined) {
    return "has metadata.generateName, by which each update would make another one: write metadata.name";
  }
  if (name === undefined || name === null) {
    return "has no metadata.name: add it";
  }
  if (typeof name !== "string") {
    return `has a metadata.name that YAML takes for a ${kindOfValue(name)}: put it in quotes`;
  }
  if (!objectName.safeParse(name).success) {
    return "has a metadata.name that no object can have: write letters, digits and dashes";
  }
  const named = namespace === undefined || namespace === null || namespaceName.safeParse(namespace).success;
  return named ? undefined : "has a metadata.namespace that is no name of one: write letters, digits and dashes";
}

/** The API server's own message names neither the field nor the file. */
function textsProblem(metadata: Fields): string | undefined {
  for (const field of ["labels", "annotations"]) {
    const texts = metadata[field] ?? {};
    if (!isMap(texts)) {
      return `has metadata.${field} that are no map`;
    }
    const wrong = Object.entries(texts).find(([, text]) => text !== null && typeof text !== "string");
    if (wrong !== undefined) {
      return `has metadata.${field} "${wrong[0]}" with a value that YAML takes for a ${kindOfValue(wrong[1])}: put it in quotes`;
    }
  }
  return undefined;
}

/** YAML has more than JSON has, which API servers take. */
function jsonProblem(value: unknown, path = ""): string | undefined {
  if (Array.isArray(value)) {
    return first(value.map((entry, index) => jsonProblem(entry, `${path}[${String(index)}]`)));
  }
  if (typeof value === "object" && value !== null) {
    return Object.getPrototypeOf(value) === Object.prototype
      ? first(Object.entries(value).map(([key, entry]) => jsonProblem(entry, path === "" ? key : `${path}.${key}`)))
      : `has a value in ${path} that JSON has none for: write it as text`;
  }
  return typeof value === "number" && !Number.isFinite(value)
    ? `has a value in ${path} that is no number to an API server: put it in quotes`
    : undefined;
}

function first(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

function kindOfValue(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value === "object" ? "map" : typeof value;
}

function cleaned(value: Fields, apiVersion: string, kind: string, given: Fields): KubernetesObject {
  const metadata = withoutNull(Object.fromEntries(Object.entries(given).filter(([key]) => !filledIn.includes(key))));
  const { namespace, ...scopeless } = metadata as { readonly namespace?: string; readonly name: string };
  const namespaced = isNamespaced(apiVersion, kind);
  // As kubectl does: what names no namespace is in "default", and what is in none has none.
  const place = namespaced === false ? undefined : namespace || (namespaced ? "default" : undefined);
  const fields = Object.entries(value).filter(([key]) => !["apiVersion", "kind", "metadata", "status"].includes(key));
  return {
    apiVersion,
    kind,
    metadata: { ...scopeless, ...(place !== undefined && { namespace: place }) },
    ...(withoutNull(Object.fromEntries(fields)) as Fields),
  };
}

/** API servers drop what is null. */
function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutNull);
  }
  return isMap(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([key, entry]) => (entry === null ? [] : [[key, withoutNull(entry)]])),
      )
    : value;
}

export function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
