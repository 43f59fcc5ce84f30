import { printFailure } from "../cli/failure";
import type { RehearseOptions } from "../cli/rehearse";
import { callersFolder } from "../cli/values";
import { printable } from "../printable";
import { SettingsError } from "../settings";
import { Console } from "./console";
import { takeDown } from "./down";
import { RunEnded, watchForEnd } from "./ending";
import { projectFolder, rehearsalFolder } from "./program";
import { rehearse } from "./rehearse";
import type { Results } from "./results";
import { readStackFile, RehearsalError } from "./stack-file";
import { printSummary } from "./summary";
import { ToolError } from "./tools";

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
    const keys = await readStackFile(projectFolder, stack);
    const results = await rehearse({ stack, keys, project: projectFolder, folder }, console, end);
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
