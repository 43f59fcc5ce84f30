import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fenced, longestBody } from "./markdown";
import type { Plan } from "./plan";
import { changesBlock, countsText, messagesBlock } from "./plan-text";
import { hasBackend, planOf } from "./preview";
import { exitStatus, pulumiEvents } from "./pulumi";

/** The result of a search for drift. */
export type Drift =
  | { readonly outcome: "none" | "new" | "unconfigured" }
  /** Something differs from the stack's settings, or could not be compared with them. */
  | { readonly outcome: "drifted" | "failed"; readonly plan: Plan };

/**
 * Compares the clusters with what the stack has made, and changes neither them nor the state. The program itself looks, into Helm
 * releases too: what differs shows as an update, with the reason.
 */
export async function findDrift(stack: string): Promise<Drift> {
  if (!hasBackend()) {
    return { outcome: "unconfigured" };
  }
  const run = await pulumiEvents("preview", "--stack", stack, "--expect-no-changes");
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

/** Writes the body of the issue about a stack's drift: empty if there is none; no file without a backend. */
export async function writeDrift(folder: string, stack: string, drift: Drift): Promise<void> {
  if (drift.outcome !== "unconfigured") {
    await mkdir(folder, { recursive: true });
    await writeFile(file(folder, stack), "plan" in drift ? driftText(stack, drift) : "");
  }
}

/** What {@link writeDrift} has written; undefined if it has written no file. */
export async function readDrift(folder: string, stack: string): Promise<string | undefined> {
  return existsSync(file(folder, stack)) ? readFile(file(folder, stack), "utf8") : undefined;
}

function file(folder: string, stack: string): string {
  return join(folder, `${stack}.drift.md`);
}

function driftText(stack: string, { outcome, plan }: Extract<Drift, { plan: Plan }>): string {
  const room = longestBody / 3;
  const command = `pulumi preview --diff --stack ${stack}`;
  const parts =
    outcome === "drifted"
      ? [
          `The clusters differ from the settings of \`${stack}\`. An update would restore them: ${countsText(plan)}.`,
          changesBlock(plan, room),
          "Inspect the difference, and then either update, or change the settings to what is wanted:",
          fenced(`${command}\npulumi up --stack ${stack}`, "sh"),
        ]
      : [`The stack \`${stack}\` could not be previewed. Try it yourself:`, fenced(command, "sh")];
  return [...parts, messagesBlock(plan, room)].filter((part) => part !== "").join("\n\n");
}
