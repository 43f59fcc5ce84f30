import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { evaluate, PackConfig, resourcesOfState, rules, type Violation } from "../policy/rules";
import { RehearsalError } from "./stack-file";

/** The configuration of the policies, `--policy-pack-config` of Pulumi's CLI; relative to the project's folder. */
export const policyConfigFile = join("policy", "config.json");

const Exported = z.object({ deployment: z.unknown() });

/**
 * The policies that a state violates, as the pack would report them to `pulumi up`.
 *
 * @param exported The state, as it is exported with its secrets.
 * @param before The same before the update.
 * @param project The project's folder, where {@link policyConfigFile} may be.
 */
export async function policyViolations(exported: unknown, before: unknown, project: string): Promise<Violation[]> {
  const [now, then] = [exported, before].map((state) => resourcesOfState(Exported.parse(state).deployment ?? {}));
  return evaluate({ resources: now ?? [], before: then ?? [] }, rules, await policyConfig(project));
}

async function policyConfig(project: string): Promise<PackConfig> {
  const file = join(project, policyConfigFile);
  if (!existsSync(file)) {
    return {};
  }
  try {
    return PackConfig.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    throw new RehearsalError(
      `${policyConfigFile} does not configure policies: write levels and parameters by policy, as JSON.`,
    );
  }
}
