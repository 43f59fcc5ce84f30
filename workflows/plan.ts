import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { pendingAnnotation, repairedAnnotation, repairedVariable } from "../components/clusters";

const Change = z.object({
  /** As the engine calls it: create, update, replace, delete. */
  operation: z.string().regex(/^[a-z-]{1,30}$/),
  /** Without its package: `Release`. */
  type: z.string(),
  /** The resource's name in the program. */
  name: z.string(),
  /** The properties that would change: paths such as `metadata.labels["a.b/c"]`, with both values if they are short texts. */
  properties: z.array(z.object({ path: z.string(), from: z.string().optional(), to: z.string().optional() })),
});
/** What would happen to one resource. */
export type Change = z.output<typeof Change>;

/** The result of `pulumi preview`. It contains no secret: the engine has replaced them all by `[secret]`. */
export const Plan = z.object({
  /** Resources only: neither components nor providers. */
  changes: z.array(Change),
  /** Errors and warnings. */
  messages: z.array(z.object({ severity: z.string(), text: z.string() })),
  /** The policies that it violates. */
  violations: z.array(z.object({ policy: z.string(), level: z.string(), resource: z.string(), message: z.string() })),
});
export type Plan = z.output<typeof Plan>;

/** Operations that change nothing, and the other halves of a replacement, which is shown once. */
const hiddenOperations = ["same", "refresh", "read", "create-replacement", "delete-replaced"];

/** Reads a plan from the engine's events. Events of debugging, which hold secrets in the clear, are ignored. */
export function readPlan(events: readonly EngineEvent[]): Plan {
  const plan: Plan = { changes: [], messages: [], violations: [] };
  for (const { resourcePreEvent, diagnosticEvent, policyEvent } of events) {
    if (resourcePreEvent && isShown(resourcePreEvent.metadata)) {
      plan.changes.push(change(resourcePreEvent.metadata));
    }
    if (diagnosticEvent && !diagnosticEvent.ephemeral && ["error", "warning"].includes(diagnosticEvent.severity)) {
      const { severity, message } = diagnosticEvent;
      plan.messages.push({ severity, text: plain(message) });
    }
    if (policyEvent) {
      const { policyName, enforcementLevel, resourceUrn = "", message } = policyEvent;
      const resource = nameOf(resourceUrn);
      plan.violations.push({ policy: policyName, level: enforcementLevel, resource, message: plain(message) });
    }
  }
  return plan;
}

function isShown({ op, type, old, new: next }: StepEventMetadata): boolean {
  return !hiddenOperations.includes(op) && (next ?? old)?.custom === true && !type.startsWith("pulumi:providers:");
}

function change({ op, type, urn, old, new: next, detailedDiff }: StepEventMetadata): Change {
  return {
    operation: op,
    type: type.slice(type.lastIndexOf(":") + 1),
    name: nameOf(urn),
    properties: Object.keys(detailedDiff ?? {})
      .filter((path) => !path.includes(pendingAnnotation))
      .map((path) => ({ path, from: valueText(old?.inputs, path), to: valueText(next?.inputs, path) })),
  };
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** Without the engine's markup for colours. */
function plain(message: string): string {
  return message.replace(/<\{%.*?%\}>/g, "").trim();
}

/** The engine's placeholder for a value that is known only after the update (its `UnknownStringValue`). */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Longer texts are certificates, scripts and the like: the comment says that they change, not how. */
const longestValue = 80;

/** Paths that have the reason of a repair, which is for people. */
const reasons = new Set([
  "description",
  `metadata.annotations["${repairedAnnotation}"]`,
  `environment.${repairedVariable}`,
]);
const longestReason = 300;

/**
 * The value at a path of the engine's detailed diff, such as `spec.ports[0].port` or `metadata.labels["a.b/c"]`, as a short
 * text; undefined if there is none, or none that fits on one line.
 */
export function valueText(properties: unknown, path: string): string | undefined {
  const value = segments(path).reduce(member, properties);
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    return undefined;
  }
  const text = String(value);
  if (text === unknownValue) {
    return "(known after the update)";
  }
  const longest = reasons.has(path) ? longestReason : longestValue;
  return text.length <= longest && !text.includes("\n") ? text : undefined;
}

function segments(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, name]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? name ?? "",
  );
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
