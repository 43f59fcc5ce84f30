import { printable } from "../../printable";
import { Console } from "../../rehearsal/console";
import { takeDown } from "../../rehearsal/down";
import { RunEnded, watchForEnd } from "../../rehearsal/ending";
import { projectFolder, rehearsalFolder } from "../../rehearsal/program";
import { rehearse } from "../../rehearsal/rehearse";
import type { Results } from "../../rehearsal/results";
import { readStackFile, RehearsalError } from "../../rehearsal/stack-file";
import { printSummary } from "../../rehearsal/summary";
import { ToolError } from "../../rehearsal/tools";
import { SettingsError } from "../../settings";
import { printFailure } from "../failure";
import type { RehearseOptions } from "../rehearse";
import { callersFolder } from "../values";

/**
 * Rehearses a stack, or takes its rehearsal away. Resolves to the exit code, but for a run that is ended before it is done: then
 * the process ends at once.
 */
export async function rehearseStack(options: RehearseOptions): Promise<number> {
  const { stack, down = false, verbose = false } = options;
  const folder = rehearsalFolder(stack);
  const console = new Console();
  try {
    if (down) {
      const there = await takeDown(folder);
      console.print(there ? `The rehearsal of ${stack} is gone.` : `There is no rehearsal of ${stack}.`);
      return 0;
    }
    const end = await watchForEnd();
    const read = await readStackFile(projectFolder, stack);
    const results = await rehearse({ stack, ...read, project: projectFolder, folder }, console, end);
    console.step(`done: ${changesText(results.changes)}`);
    const colour = process.stdout.isTTY && !process.env["NO_COLOR"];
    printSummary(results, { stack, folder, from: callersFolder(), verbose, colour }, console);
    const violated = results.violations.some(({ level }) => level === "mandatory");
    return violated || results.report?.exitCode ? 1 : 0;
  } catch (error) {
    if (error instanceof RunEnded) {
      process.stderr.write(`${printable(error.message)}\n`);
      // What the run has begun still waits in this process, for an engine that is gone.
      process.exit(error.exitCode);
    }
    printFailure(error, [SettingsError, RehearsalError, ToolError]);
    return 1;
  }
}

/** `77 create`, or `3 update, 74 same`. */
function changesText(changes: Results["changes"]): string {
  return Object.entries(changes)
    .map(([operation, count]) => `${String(count)} ${operation}`)
    .join(", ");
}
