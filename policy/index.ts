/** The policy pack, as Pulumi's CLI starts it: `pulumi preview --policy-pack policy`. */
import {
  type Policies,
  type PolicyConfigSchema,
  PolicyPack,
  type ReportViolation,
  type ResourceValidationArgs,
} from "@pulumi/policy";
import { z } from "zod";
import { plainConfiguration, type PreviousState, previousState } from "./pulumi-cli";
import type { RuleViolation, Rule } from "./rule";
import { rules } from "./rules";
import { EngineView, type Resource, stackType } from "./state";

const view = new EngineView();

let previous: Promise<PreviousState> | undefined;

/**
 * Whether a state is judged as it is, by `pulumi policy analyze`: only for a plan or an update does the CLI say which stack that
 * is of. The stack of that name here may be another one then, and so may be its file; nothing was before.
 */
const isAnalysis = process.env["PULUMI_NODEJS_STACK"] === undefined;

/** Reads the state once, when the first resource is seen: by the end of an update it would be another one. */
async function stateBefore(urn: string): Promise<PreviousState | undefined> {
  if (isAnalysis) {
    return undefined;
  }
  previous ??= previousState(urn, process.env["PULUMI_NODEJS_ORGANIZATION"]);
  return previous;
}

/** A resource by itself; the one of the stack with its configuration. */
async function resourceOf(args: ResourceValidationArgs): Promise<Resource> {
  const resource = view.resource(args);
  const configuration =
    args.type === stackType && !isAnalysis
      ? await plainConfiguration(args.urn, process.env["PULUMI_NODEJS_ORGANIZATION"])
      : undefined;
  return { ...resource, ...(configuration && { configuration }) };
}

const secretValues: Policies[number] = {
  name: "secret-values",
  description:
    "Sees for plain-secrets which values are secret, which a policy is shown at level remediate alone. Changes nothing.",
  enforcementLevel: "remediate",
  remediateResource: (args) => {
    void stateBefore(args.urn);
    view.seeSecrets(args);
  },
};

function policyOf(rule: Rule): Policies[number] {
  const { name, description, parameters } = rule;
  const common = {
    name,
    description,
    enforcementLevel: "mandatory" as const,
    configSchema: {
      properties: (z.toJSONSchema(parameters, { io: "input" }).properties ?? {}) as PolicyConfigSchema["properties"],
    },
  };
  return rule.scope === "resource"
    ? {
        ...common,
        validateResource: async (args, report) => {
          rule.evaluate(await resourceOf(args), args.getConfig()).forEach((message) => {
            report(message);
          });
        },
        validateStack: (args, report) => {
          rule.evaluateTogether({ resources: view.stack(args.resources) }, args.getConfig()).forEach((finding) => {
            reportViolation(finding, report);
          });
        },
      }
    : {
        ...common,
        validateStack: async (args, report) => {
          const [first] = args.resources;
          const before = first && (await stateBefore(first.urn));
          const stack = { resources: view.stack(args.resources), ...before };
          rule.evaluate(stack, args.getConfig()).forEach((finding) => {
            reportViolation(finding, report);
          });
        },
      };
}

/** The types have no level of a single violation yet; @pulumi/policy 1.21 takes one (`ReportViolationArgs` in its sources). */
function reportViolation({ message, urn, level }: RuleViolation, report: ReportViolation): void {
  if (level === undefined) {
    report(message, urn);
  } else {
    (report as unknown as (violation: object) => void)({ message, urn, enforcementLevel: level });
  }
}

new PolicyPack("flatmesh", {
  description: "Holds a stack with an Istio mesh to what keeps such a mesh together, safe and reproducible",
  enforcementLevel: "mandatory",
  policies: [secretValues, ...rules.map(policyOf)],
});
