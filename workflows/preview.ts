import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { policyConfigFile } from "../rehearsal/policies";
import { projectFolder } from "../rehearsal/program";
import { Plan, readPlan } from "./plan";
import { exitStatus, pulumiEvents, type PulumiRun } from "./pulumi";

/** The result of a stack's preview; `new`: the backend does not have the stack yet; `unconfigured`: the repository has no backend. */
export const Preview = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.enum(["planned", "failed"]), plan: Plan }),
  z.object({ outcome: z.enum(["new", "unconfigured"]) }),
]);
export type Preview = z.output<typeof Preview>;

/** Previews a stack with Pulumi's CLI, and with the policy pack if the project has one. */
export async function previewStack(stack: string): Promise<Preview> {
  if (!hasBackend()) {
    return { outcome: "unconfigured" };
  }
  const run = await pulumiEvents("preview", "--stack", stack, ...policyArguments(projectFolder));
  if (run.status === exitStatus.noSuchStack) {
    return { outcome: "new" };
  }
  return { outcome: run.status === 0 ? "planned" : "failed", plan: planOf(run) };
}

/** Whether the repository's secrets and variables name a backend. */
export function hasBackend(): boolean {
  return ["PULUMI_ACCESS_TOKEN", "PULUMI_BACKEND_URL"].some((name) => (process.env[name] ?? "") !== "");
}

/** The policy pack, and the file that configures it, if the project has them. */
export function policyArguments(folder: string): string[] {
  return [
    ...(existsSync(join(folder, "policy", "PulumiPolicy.yaml")) ? ["--policy-pack", "policy"] : []),
    ...(existsSync(join(folder, policyConfigFile)) ? ["--policy-pack-config", policyConfigFile] : []),
  ];
}

/** A run's plan, with the CLI's own error among its messages if the engine reported none. */
export function planOf({ status, events, error }: PulumiRun): Plan {
  const plan = readPlan(events);
  const reported =
    status === 0 || status === exitStatus.changesFound || plan.messages.some((one) => one.severity === "error");
  return reported || error === ""
    ? plan
    : { ...plan, messages: [...plan.messages, { severity: "error", text: error }] };
}
