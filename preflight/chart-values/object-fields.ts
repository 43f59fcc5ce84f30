import type * as Models from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { quantity } from "../../kubernetes/quantities";

/** Something in an object that Kubernetes would not take, or would leave out. */
export interface FieldProblem {
  /** Whether the API server refuses it; it leaves out what it does not know. */
  readonly refused: boolean;
  /** Which field, and what is wrong with it, without its value. */
  readonly text: string;
}

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

interface Model {
  getAttributeTypeMap(): readonly Attribute[];
}

export type KubernetesModels = typeof Models;

/**
 * Looks through an object by the types that the Kubernetes client has for its kind. Kinds that it does not know, such as custom
 * resources, are left to the API server.
 */
export function fieldProblems(models: KubernetesModels, object: Readonly<Record<string, unknown>>): FieldProblem[] {
  const { apiVersion, kind } = object as { readonly apiVersion?: string; readonly kind?: string };
  const version = (apiVersion ?? "").replace(/^.*\//, "");
  const name = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind ?? ""}`;
  return modelOf(models, name) === undefined ? [] : ofType(models, name, object, "");
}

function modelOf(models: KubernetesModels, name: string): Model | undefined {
  const found = (models as unknown as Readonly<Record<string, unknown>>)[name];
  return typeof found === "function" && "getAttributeTypeMap" in found ? (found as unknown as Model) : undefined;
}

/** Maps whose values are quantities, which may be numbers. */
const quantities = /(^|\.)(limits|requests|hard|capacity|allocatable)(\.|\[)[^.[]+$/;

function ofType(models: KubernetesModels, type: string, value: unknown, path: string): FieldProblem[] {
  // A template leaves null where it has nothing to say.
  if (value === null || value === undefined) {
    return [];
  }
  const [, item] = /^Array<(.*)>$/.exec(type) ?? [];
  if (item !== undefined) {
    return Array.isArray(value)
      ? value.flatMap((one, index) => ofType(models, item, one, `${path}[${String(index)}]`))
      : [mismatch(path, value, "a list")];
  }
  const [, entry] = /^\{ \[key: string\]: (.*); \}$/.exec(type) ?? [];
  if (entry !== undefined) {
    return isMap(value)
      ? Object.entries(value).flatMap(([key, one]) => ofType(models, entry, one, join(path, key)))
      : [mismatch(path, value, "a map")];
  }
  const model = modelOf(models, type);
  return model === undefined ? ofScalar(type, value, path) : ofModel(models, model, value, path);
}

function ofModel(models: KubernetesModels, model: Model, value: unknown, path: string): FieldProblem[] {
  if (!isMap(value)) {
    return [mismatch(path, value, "a map")];
  }
  const attributes = model.getAttributeTypeMap();
  return Object.entries(value).flatMap(([key, one]) => {
    const attribute = attributes.find(({ baseName }) => baseName === key);
    if (attribute === undefined) {
      const nearest = closest(
        key,
        attributes.map(({ baseName }) => baseName),
      );
      return [{ refused: false, text: `${join(path, key)} is no field; did you mean ${nearest}?` }];
    }
    return ofType(models, attribute.type, one, join(path, key));
  });
}

function ofScalar(type: string, value: unknown, path: string): FieldProblem[] {
  if (type === "string" && quantities.test(path)) {
    return ["string", "number"].includes(typeof value) && quantity(String(value)) !== undefined
      ? []
      : [{ refused: true, text: `${path} is no quantity, such as 500m or 2Gi` }];
  }
  if (type === "IntOrString") {
    return ["string", "number"].includes(typeof value) ? [] : [mismatch(path, value, "a number or a string")];
  }
  return type === "string" || type === "number" || type === "boolean"
    ? typeof value === type
      ? []
      : [mismatch(path, value, `a ${type}`)]
    : [];
}

function mismatch(path: string, value: unknown, wanted: string): FieldProblem {
  const given = Array.isArray(value) ? "list" : isMap(value) ? "map" : typeof value;
  return { refused: true, text: `${path} is a ${given} and has to be ${wanted}` };
}

function join(path: string, key: string): string {
  const part = /^[\w-]+$/.test(key) ? key : `["${key}"]`;
  return path === "" || part.startsWith("[") ? `${path}${part}` : `${path}.${part}`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Variables that a container of an object has twice: the one that the chart sets, and another one of the values. */
export function repeatedVariables(object: Readonly<Record<string, unknown>>): FieldProblem[] {
  const { containers = [], initContainers = [] } = Workload.safeParse(object).data?.spec.template.spec ?? {};
  return [...containers, ...initContainers].flatMap(({ name, env }) =>
    env
      .filter((one, index) => env.findIndex((other) => other.name === one.name) < index)
      .map((one) => ({ refused: true, text: `container ${name} has the variable ${one.name} twice` })),
  );
}

/** Requests of an object's containers above their limits, which the API server refuses: each may be another setting's, or the chart's. */
export function requestsAboveLimits(object: Readonly<Record<string, unknown>>): FieldProblem[] {
  const { containers = [], initContainers = [] } = Workload.safeParse(object).data?.spec.template.spec ?? {};
  return [...containers, ...initContainers].flatMap(({ name, resources }) =>
    Object.entries(resources?.requests ?? {}).flatMap(([resource, request]) => {
      const [wanted, most] = [request, resources?.limits?.[resource]].map((amount) => quantity(String(amount)));
      return wanted !== undefined && most !== undefined && wanted > most
        ? [{ refused: true, text: `container ${name} requests more ${resource} than its limit` }]
        : [];
    }),
  );
}

const amounts = z.record(z.string(), z.unknown()).nullish();
const Containers = z.array(
  z.object({
    name: z.string(),
    env: z.array(z.object({ name: z.string() })).default([]),
    resources: z.object({ requests: amounts, limits: amounts }).nullish(),
  }),
);
const Workload = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: Containers.optional(), initContainers: Containers.optional() }),
    }),
  }),
});
