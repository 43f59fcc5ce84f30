import { JSONPath } from "jsonpath-plus";
import { annotation, field, isKind, text } from "./object";
import type { KubeObject } from "./object";
import type { Json, JsonObject } from "../protocol/values";

/** What an object still lacks, in words; undefined when it lacks nothing. */
export type Lack = string | undefined;

/** Looks at an object, and asks the cluster for another one only where its own status does not tell. */
export type Condition = (
  object: KubeObject,
  peek: (kind: string) => Promise<KubeObject | undefined>,
) => Lack | Promise<Lack>;

/**
 * What to wait for after an object was written, by the same rules as Pulumi's provider: `pulumi.com/skipAwait`, then
 * `pulumi.com/waitFor`, then what is known about the kind. Kinds it knows nothing about, custom resources and their
 * definitions among them, are ready at once.
 */
export function conditionFor(object: KubeObject): Condition | undefined {
  if (annotation(object, "pulumi.com/skipAwait") === "true") {
    return undefined;
  }
  const expressions = annotation(object, "pulumi.com/waitFor");
  return expressions === "" ? builtIn(object) : waitFor(expressions);
}

/** The kind's own condition: it also says whether a refreshed object is healthy. */
export function builtIn(object: KubeObject): Condition | undefined {
  return BUILT_IN.find(([apiVersion, kind]) => isKind(object, apiVersion, kind))?.[2];
}

function waitFor(annotation: string): Condition {
  const conditions = expressionsOf(annotation).map((expression) => {
    if (expression.startsWith("jsonpath=")) {
      return jsonPath(expression.slice("jsonpath=".length));
    }
    if (expression.startsWith("condition=")) {
      const [type = "", status = "True"] = expression.slice("condition=".length).split("=");
      return (object: KubeObject) => statusCondition(object, type, status);
    }
    throw new Error(`pulumi.com/waitFor: expected "jsonpath=" or "condition=" at the start of ${expression}`);
  });
  return (object) => conditions.map((condition) => condition(object)).find((lack) => lack !== undefined);
}

function expressionsOf(annotation: string): string[] {
  try {
    const list: unknown = JSON.parse(annotation);
    return Array.isArray(list) ? list.map(String) : [annotation];
  } catch {
    return [annotation];
  }
}

function jsonPath(expression: string): (object: KubeObject) => Lack {
  const [, path, wanted] = /^\{\s*(.*?)\s*\}(?:=(.+))?$/s.exec(expression) ?? [];
  if (path === undefined) {
    throw new Error(`pulumi.com/waitFor: jsonpath=${expression} must be {.path} or {.path}=value`);
  }
  return (object) => {
    if (isStale(object)) {
      return `its controller has not seen the latest change yet`;
    }
    const found: unknown = JSONPath({ path: path.startsWith("$") ? path : `$${path}`, json: object, eval: "safe" });
    const value: unknown = Array.isArray(found) ? found[0] : undefined;
    if (value === undefined) {
      return `${expression} selects nothing`;
    }
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    return wanted === undefined || wanted === shown ? undefined : `${expression} is ${shown}`;
  };
}

function statusCondition(object: KubeObject, type: string, wanted: string): Lack {
  const condition = conditionOf(object, type);
  if (condition === undefined) {
    return `condition ${type} is not there yet`;
  }
  const seen = condition.observedGeneration ?? field(object, "status", "observedGeneration");
  if (typeof seen === "number" && seen < number(object, "metadata", "generation")) {
    return `condition ${type} is about an earlier generation`;
  }
  const status = text(condition, "status");
  const why = [text(condition, "reason"), text(condition, "message")].filter((part) => part !== "").join(": ");
  return status.toLowerCase() === wanted.toLowerCase()
    ? undefined
    : `condition ${type} is ${status}${why === "" ? "" : ` (${why})`}`;
}

function conditionOf(object: KubeObject, type: string): JsonObject | undefined {
  const conditions = field(object, "status", "conditions");
  const list = (Array.isArray(conditions) ? conditions : []) as JsonObject[];
  return list.find((condition) => text(condition, "type").toLowerCase() === type.toLowerCase());
}

function deployment(object: KubeObject): Lack {
  const wanted = number(object, "spec", "replicas");
  return (
    stale(object) ??
    fewer("updated replicas", number(object, "status", "updatedReplicas"), wanted) ??
    fewer("available replicas", number(object, "status", "availableReplicas"), wanted) ??
    (number(object, "status", "replicas") > wanted ? "old replicas are still there" : undefined)
  );
}

function daemonSet(object: KubeObject): Lack {
  const wanted = number(object, "status", "desiredNumberScheduled");
  return (
    (field(object, "status", "observedGeneration") === undefined ? "its controller has not seen it yet" : undefined) ??
    stale(object) ??
    fewer("updated pods", number(object, "status", "updatedNumberScheduled"), wanted) ??
    fewer("available pods", number(object, "status", "numberAvailable"), wanted)
  );
}

function statefulSet(object: KubeObject): Lack {
  const wanted = number(object, "spec", "replicas");
  return (
    stale(object) ??
    fewer("updated replicas", number(object, "status", "updatedReplicas"), wanted) ??
    fewer("ready replicas", number(object, "status", "readyReplicas"), wanted)
  );
}

function pod(object: KubeObject): Lack {
  return text(object, "status", "phase") === "Succeeded" ? undefined : statusCondition(object, "Ready", "True");
}

function job(object: KubeObject): Lack {
  return statusCondition(object, "Complete", "True");
}

/** Endpoints that are there and none of them pending; an address for a load balancer. */
const service: Condition = async (object, peek) => {
  const type = text(object, "spec", "type");
  const ingress = field(object, "status", "loadBalancer", "ingress");
  if (type === "LoadBalancer" && !(Array.isArray(ingress) && ingress.length > 0)) {
    return "no load balancer has given it an address yet";
  }
  const selector = field(object, "spec", "selector");
  if (type === "ExternalName" || text(object, "spec", "clusterIP") === "None" || !hasKeys(selector)) {
    return undefined;
  }
  const endpoints = await peek("Endpoints");
  if (endpoints === undefined) {
    return "its endpoints have not been looked for yet";
  }
  const subsets = field(endpoints, "subsets");
  const pending = (Array.isArray(subsets) ? subsets : []).some((subset) =>
    hasItems(field(subset as JsonObject, "notReadyAddresses")),
  );
  return pending ? "some of the pods it selects are not ready" : undefined;
};

function tokenSecret(object: KubeObject): Lack {
  return text(object, "type") === "kubernetes.io/service-account-token" && !hasKeys(field(object, "data"))
    ? "its token has not been made yet"
    : undefined;
}

const BUILT_IN: readonly (readonly [apiVersion: string, kind: string, Condition])[] = [
  ["apps/v1", "Deployment", deployment],
  ["apps/v1", "DaemonSet", daemonSet],
  ["apps/v1", "StatefulSet", statefulSet],
  ["batch/v1", "Job", job],
  ["v1", "Pod", pod],
  ["v1", "Service", service],
  ["v1", "Secret", tokenSecret],
];

function stale(object: KubeObject): Lack {
  return isStale(object) ? "its controller has not seen the latest change yet" : undefined;
}

function isStale(object: KubeObject): boolean {
  const seen = field(object, "status", "observedGeneration");
  return typeof seen === "number" && seen < number(object, "metadata", "generation");
}

function fewer(what: string, have: number, wanted: number): Lack {
  return have < wanted ? `${String(have)} of ${String(wanted)} ${what}` : undefined;
}

function number(object: KubeObject, ...path: readonly string[]): number {
  return Number(field(object, ...path) ?? 0);
}

function hasKeys(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function hasItems(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length > 0;
}
