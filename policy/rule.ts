import { z } from "zod";
import { printable } from "../printable";
import { carriedIn, type Carrying } from "./mesh";
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
  /** What can only be seen of a resource beside those that it refers to: a release's repository, which is a resource of its own. */
  evaluateTogether(stack: Stack, parameters: object): RuleViolation[];
}

/** A rule about what resources have to do with one another: it stops a plan. */
export interface StackRule extends Common {
  readonly scope: "stack";
  evaluate(stack: Stack, parameters: object): RuleViolation[];
}

/**
 * Rules are pure: they see resources and parameters, and return violations. A value that is not known yet in a preview
 * never violates a rule; the update, which knows it, evaluates it again.
 *
 * What a resource has something else make, they see as resources of their own; a violation there is one of the resource.
 */
export type Rule = ResourceRule | StackRule;

interface Definition<Shape extends z.ZodObject, Subject, Found> {
  readonly name: string;
  readonly description: string;
  readonly parameters: Shape;
  readonly evaluate: (subject: Subject, parameters: z.output<Shape>) => Found[];
}

/** @param declared Set where it is only about resources as the program declares them. */
export function resourceRule<Shape extends z.ZodObject>(
  definition: Definition<Shape, Resource, string>,
  { declared = false }: { readonly declared?: boolean } = {},
): ResourceRule {
  const own = (resource: Resource, given: object): string[] =>
    definition.evaluate(resource, definition.parameters.parse(given)).map((message) => shown(message));
  const carried = (resources: readonly Resource[], given: object): RuleViolation[] =>
    (declared ? [] : carriedIn(resources)).flatMap((one) =>
      own(one.resource, given).map((message) => ({ urn: one.carrier.urn, message: declaredIn(message, one) })),
    );
  return {
    ...definition,
    scope: "resource",
    evaluate: (resource, given) => [
      ...own(resource, given),
      ...carried([resource], given).map(({ message }) => message),
    ],
    evaluateTogether: ({ resources }, given) => {
      const alone = new Set(resources.flatMap((one) => carried([one], given)).map(({ message }) => message));
      return carried(resources, given).filter(({ message }) => !alone.has(message));
    },
  };
}

export function stackRule<Shape extends z.ZodObject>(definition: Definition<Shape, Stack, RuleViolation>): StackRule {
  return {
    ...definition,
    scope: "stack",
    evaluate: (stack, given) => {
      const carried = carriedIn(stack.resources);
      const byUrn = new Map(carried.map((one) => [one.resource.urn, one]));
      const { before } = stack;
      const seen = {
        ...stack,
        resources: [...stack.resources, ...carried.map(({ resource }) => resource)],
        ...(before && { before: [...before, ...carriedIn(before).map(({ resource }) => resource)] }),
      };
      return definition.evaluate(seen, definition.parameters.parse(given)).map((finding) => {
        const one = finding.urn === undefined ? undefined : byUrn.get(finding.urn);
        const message = shown(finding.message);
        return one === undefined
          ? { ...finding, message }
          : { ...finding, urn: one.carrier.urn, message: declaredIn(message, one) };
      });
    },
  };
}

function declaredIn(message: string, { where }: Carrying): string {
  return shown(`${message} (It stands in ${where}.)`);
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
