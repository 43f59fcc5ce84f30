import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { valueText } from "./property";

const Change = z.object({
  /** As the engine calls it: create, update, replace, delete. */
  operation: z.string().regex(/^[a-z-]{1,30}$/),
  /** Without its package: `Release`. */
  type: z.string(),
  /** The resource's name in the program. */
  name: z.string(),
  /** What would change of it: paths such as `metadata.labels["a.b/c"]`, with both values where they are short texts. */
  properties: z.array(z.object({ path: z.string(), from: z.string().optional(), to: z.string().optional() })),
});
/** What would become of one resource. */
export type Change = z.output<typeof Change>;

/** What `pulumi preview` has found. No secret is in it: the engine has replaced them all by `[secret]`. */
export const Plan = z.object({
  /** Resources alone: no component, and no provider. */
  changes: z.array(Change),
  /** Errors and warnings. */
  messages: z.array(z.object({ severity: z.string(), text: z.string() })),
  /** What policies say against it. */
  violations: z.array(z.object({ policy: z.string(), level: z.string(), resource: z.string(), message: z.string() })),
});
export type Plan = z.output<typeof Plan>;

/** Operations that change nothing, and the second halves of a replacement, which is told once. */
const untold = ["same", "refresh", "read", "create-replacement", "delete-replaced"];

/** Reads a plan from the engine's events. Those of debugging, which hold secrets in the clear, are not even looked at. */
export function readPlan(events: readonly EngineEvent[]): Plan {
  const plan: Plan = { changes: [], messages: [], violations: [] };
  for (const { resourcePreEvent, diagnosticEvent, policyEvent } of events) {
    if (resourcePreEvent && isTold(resourcePreEvent.metadata)) {
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

function isTold({ op, type, old, new: next }: StepEventMetadata): boolean {
  return !untold.includes(op) && (next ?? old)?.custom === true && !type.startsWith("pulumi:providers:");
}

function change({ op, type, urn, old, new: next, detailedDiff }: StepEventMetadata): Change {
  return {
    operation: op,
    type: type.slice(type.lastIndexOf(":") + 1),
    name: nameOf(urn),
    properties: Object.keys(detailedDiff ?? {}).map((path) => ({
      path,
      from: valueText(old?.inputs, path),
      to: valueText(next?.inputs, path),
    })),
  };
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** Without the engine's markup for colours. */
function plain(message: string): string {
  return message.replace(/<\{%.*?%\}>/g, "").trim();
}
