import { z } from "zod";
import type { RuleViolation, Rule } from "./rule";
import type { Stack } from "./state";

/** A violation of a rule. */
export interface Violation {
  readonly rule: string;
  /** Whether it stops a plan. */
  readonly level: "advisory" | "mandatory";
  /** URN of the resource; absent where it is the stack as a whole. */
  readonly urn?: string;
  readonly message: string;
}

const Level = z.enum(["advisory", "mandatory", "disabled", "remediate"]);

/** What a file for `--policy-pack-config` says: by rule, or of `all`, a level, or a map of a level and parameters. */
export const PackConfig = z.record(
  z.string(),
  z.union([
    Level.transform((enforcementLevel) => ({ enforcementLevel })),
    z.looseObject({ enforcementLevel: Level.optional() }),
  ]),
);
export type PackConfig = z.output<typeof PackConfig>;

/** Holds a stack to rules, as the policy pack does, without Pulumi's CLI. */
export function evaluate(stack: Stack, rules: readonly Rule[], config: PackConfig = {}): Violation[] {
  return rules.flatMap((rule) => {
    const { enforcementLevel, ...parameters } = config[rule.name] ?? {};
    const level = enforcementLevel ?? config["all"]?.enforcementLevel ?? "mandatory";
    return level === "disabled"
      ? []
      : findings(stack, rule, parameters).map((finding): Violation => ({
          level: level === "advisory" ? "advisory" : "mandatory",
          ...finding,
          rule: rule.name,
        }));
  });
}

function findings(stack: Stack, rule: Rule, parameters: object): RuleViolation[] {
  return rule.scope === "stack"
    ? rule.evaluate(stack, parameters)
    : [
        ...stack.resources.flatMap((resource) =>
          rule.evaluate(resource, parameters).map((message) => ({ urn: resource.urn, message })),
        ),
        ...rule.evaluateTogether(stack, parameters),
      ];
}
