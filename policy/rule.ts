import { z } from "zod";
import { printable } from "../printable";
import type { Resource, Stack } from "./state";

/** A violation of a rule, for the reader of a plan: what is wrong, where, and what to do. */
export interface RuleViolation {
  /** URN of the resource; absent where it is the stack as a whole. */
  readonly urn?: string;
  readonly message: string;
  /** Set where a rule only reports that it could not be evaluated: that blocks nobody. */
  readonly level?: "advisory";
}

interface Common {
  readonly name: string;
  /** One sentence: what has to hold. */
  readonly description: string;
  /** The rule's parameters, with defaults. */
  readonly parameters: z.ZodObject;
}

/** A rule that is about one resource at a time: it stops that resource before it is made. */
export interface ResourceRule extends Common {
  readonly scope: "resource";
  /** @param parameters As configured, defaults left out. */
  evaluate(resource: Resource, parameters: object): string[];
}

/** A rule about what resources have to do with one another: it stops a plan. */
export interface StackRule extends Common {
  readonly scope: "stack";
  evaluate(stack: Stack, parameters: object): RuleViolation[];
}

/**
 * Rules are pure: they see resources and parameters, and return violations. A value that is not known yet in a preview
 * never violates a rule; the update, which knows it, evaluates it again.
 */
export type Rule = ResourceRule | StackRule;

interface Definition<Shape extends z.ZodObject, Subject, Found> {
  readonly name: string;
  readonly description: string;
  readonly parameters: Shape;
  readonly evaluate: (subject: Subject, parameters: z.output<Shape>) => Found[];
}

export function resourceRule<Shape extends z.ZodObject>(definition: Definition<Shape, Resource, string>): ResourceRule {
  return {
    ...definition,
    scope: "resource",
    evaluate: (resource, parameters) =>
      definition.evaluate(resource, definition.parameters.parse(parameters)).map((message) => shown(message)),
  };
}

export function stackRule<Shape extends z.ZodObject>(definition: Definition<Shape, Stack, RuleViolation>): StackRule {
  return {
    ...definition,
    scope: "stack",
    evaluate: (stack, parameters) =>
      definition
        .evaluate(stack, definition.parameters.parse(parameters))
        .map((finding) => ({ ...finding, message: shown(finding.message) })),
  };
}

/** Longer messages quote something that is not a name. */
const longestMessage = 4000;

/** A message quotes values and the state of a stack, which others may have written. */
function shown(message: string): string {
  return printable(message, { longest: longestMessage });
}

/** For a rule without parameters. */
export const noParameters = z.object({});

/** Entries by key, in their order; `Map.groupBy` is there from Node.js 21 on. */
export function groupBy<Entry>(entries: readonly Entry[], keyOf: (entry: Entry) => string): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return groups;
}
