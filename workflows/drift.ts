import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fenced, longestBody } from "./markdown";
import type { Plan } from "./plan";
import { changesBlock, countsText, messagesBlock } from "./plan-text";
import { hasBackend, planOf } from "./preview";
import { exitStatus, pulumiEvents } from "./pulumi";

/** What a look at a stack has found. */
export type Drift =
  | { readonly outcome: "none" | "new" | "unconfigured" }
  /** Something is not as the stack's settings have it, or could not be looked at. */
  | { readonly outcome: "drifted" | "failed"; readonly plan: Plan };

/**
 * Compares what there is with what a stack's settings say, and changes neither the clusters nor the state. What is inside a
 * Helm release is not looked at: Pulumi knows of the release alone.
 */
export async function findDrift(stack: string): Promise<Drift> {
  if (!hasBackend()) {
    return { outcome: "unconfigured" };
  }
  const run = await pulumiEvents("preview", "--stack", stack, "--refresh", "--expect-no-changes");
  switch (run.status) {
    case 0:
      return { outcome: "none" };
    case exitStatus.noSuchStack:
      return { outcome: "new" };
    case exitStatus.changesFound:
      return { outcome: "drifted", plan: planOf(run) };
    default:
      return { outcome: "failed", plan: planOf(run) };
  }
}

/** Writes what the issue about a stack's drift has to say: nothing where there is no drift; no file where nobody looked. */
export async function writeDrift(folder: string, stack: string, drift: Drift): Promise<void> {
  if (drift.outcome !== "unconfigured") {
    await mkdir(folder, { recursive: true });
    await writeFile(file(folder, stack), "plan" in drift ? driftText(stack, drift) : "");
  }
}

/** What {@link writeDrift} has written; undefined when it has written no file. */
export async function readDrift(folder: string, stack: string): Promise<string | undefined> {
  return existsSync(file(folder, stack)) ? readFile(file(folder, stack), "utf8") : undefined;
}

function file(folder: string, stack: string): string {
  return join(folder, `${stack}.drift.md`);
}

function driftText(stack: string, { outcome, plan }: Extract<Drift, { plan: Plan }>): string {
  const room = longestBody / 3;
  const look = `pulumi preview --refresh --diff --stack ${stack}`;
  const parts =
    outcome === "drifted"
      ? [
          `What there is differs from the settings of \`${stack}\`. An update would put it back: ${countsText(plan)}.`,
          changesBlock(plan, room),
          "Look closer, and then either update, or bring the settings up to what is wanted:",
          fenced(`${look}\npulumi up --refresh --stack ${stack}`, "sh"),
        ]
      : [`The stack \`${stack}\` could not be looked at. Try it yourself:`, fenced(look, "sh")];
  return [...parts, messagesBlock(plan, room)].filter((part) => part !== "").join("\n\n");
}
