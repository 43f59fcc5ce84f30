import { parseArgs } from "node:util";
import { printable } from "../printable";
import { SettingsError } from "../settings";
import { Console } from "./console";
import { takeDown } from "./down";
import { RunEnded, watchForEnd } from "./ending";
import { projectFolder, rehearsalFolder } from "./program";
import { rehearse } from "./rehearse";
import type { Results } from "./results";
import { readStackFile, RehearsalError, stackName } from "./stack-file";
import { printSummary } from "./summary";
import { ToolError } from "./tools";

const usage = `npm start -- [--stack NAME] [--down] [--verbose]

Rehearses a stack (default: dev) on throwaway control planes, with the real engine.
  --stack NAME  the stack whose settings, Pulumi.NAME.yaml, are rehearsed
  --down        take the rehearsal of the stack away again
  --verbose     show addresses, a diagram and every check, too
  --help        this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string", default: "dev" },
      down: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { stack } = values;
  if (!stackName.test(stack)) {
    throw new RehearsalError(`${stack} is no name of a stack: write the one that stands in Pulumi.<name>.yaml.`);
  }
  const folder = rehearsalFolder(stack);
  const console = new Console();
  if (values.help) {
    console.lines(usage);
  } else if (values.down) {
    const there = await takeDown(folder);
    console.print(there ? `The rehearsal of ${stack} is gone.` : `There is no rehearsal of ${stack}.`);
  } else {
    const end = await watchForEnd();
    const keys = await readStackFile(projectFolder, stack);
    const results = await rehearse({ stack, keys, project: projectFolder, folder }, console, end);
    console.step(`done: ${changesText(results.changes)}`);
    const colour = process.stdout.isTTY && !process.env["NO_COLOR"];
    printSummary(results, { stack, folder, from: process.cwd(), verbose: values.verbose, colour }, console);
    const violated = results.violations.some(({ level }) => level === "mandatory");
    if (violated || results.report?.exitCode) {
      process.exitCode = 1;
    }
  }
}

/** `77 create`, or `3 update, 74 same`. */
function changesText(changes: Results["changes"]): string {
  return Object.entries(changes)
    .map(([operation, count]) => `${String(count)} ${operation}`)
    .join(", ");
}

main().catch((error: unknown) => {
  if (error instanceof RunEnded) {
    process.stderr.write(`${printable(error.message)}\n`);
    // What the run has begun still waits in this process, for an engine that is gone.
    process.exit(error.exitCode);
  }
  const misused = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  const expected = misused || [SettingsError, RehearsalError, ToolError].some((kind) => error instanceof kind);
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${printable(expected ? message : stack)}\n${misused ? `\n${usage}\n` : ""}`);
  process.exitCode = 1;
});
