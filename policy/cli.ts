import { execFile } from "node:child_process";
import { readlinkSync } from "node:fs";
import { promisify } from "node:util";
import { stackOf } from "./state";

/** A state may hold many clusters' resources. */
const longest = 2 ** 28;

/** Longer than any backend takes. */
const patience = 120_000;

/** The name by which the CLI finds the stack of a resource, wherever it runs. */
export function stackName(urn: string, organization: string | undefined): string {
  const project = urn.split("::")[1] ?? "";
  return [...(organization === undefined ? [] : [organization, project]), stackOf(urn)].join("/");
}

/**
 * What Pulumi's CLI prints. The engine shows a pack what will be, and nothing else; the CLI reads no matter what goes on.
 *
 * @param args Of a command that only reads.
 */
export async function askCli(args: readonly string[], stack: string): Promise<string> {
  const { stdout } = await promisify(execFile)("pulumi", [...args, "--non-interactive", "--stack", stack], {
    maxBuffer: longest,
    timeout: patience,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    cwd: projectFolder(),
  });
  return stdout;
}

/**
 * The folder that the CLI runs in has the project, which may name the backend, while a pack runs in its own. Where a process
 * can't be asked for its folder, it is taken to be the one that the shell was in.
 */
function projectFolder(): string {
  try {
    return readlinkSync(`/proc/${String(process.ppid)}/cwd`);
  } catch {
    return process.env["PWD"] ?? process.cwd();
  }
}
