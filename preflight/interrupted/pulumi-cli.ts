import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A state may hold many clusters' resources. */
const longest = 2 ** 28;

/** Longer than any backend takes. */
const patience = 120_000;

/** Set by Pulumi's language host for the programs that it runs, in the environment of the CLI that runs it. */
const hostVariable = "PULUMI_CONFIG";

/**
 * The state of this stack as `pulumi stack export` prints it: the engine has no call that tells of pending operations. The CLI reads
 * no matter who has locked the stack.
 *
 * @param stack Its full name.
 * @returns Undefined where the CLI can't be asked, and in a program that is run inline, whose environment is not the CLI's: it could
 *   find another stack of the same name.
 */
export async function exportStack(stack: string, args: readonly string[] = []): Promise<unknown> {
  if (process.env[hostVariable] === undefined) {
    return undefined;
  }
  try {
    const command = ["stack", "export", "--stack", stack, "--non-interactive", ...args];
    const { stdout } = await promisify(execFile)("pulumi", command, {
      maxBuffer: longest,
      timeout: patience,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    return JSON.parse(stdout);
  } catch {
    // Its words may quote secrets. What was not taken over fails with its name, and what can be done about it.
    return undefined;
  }
}
