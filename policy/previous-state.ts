import { execFile } from "node:child_process";
import { readlinkSync } from "node:fs";
import { promisify } from "node:util";
import { z } from "zod";
import { type Resource, resourcesOfState, stackOf } from "./view";

/** What a stack's state had before this plan or update. */
export type PreviousState =
  | { readonly before: readonly Resource[] }
  /** Why it could not be read, and what to do about it. */
  | { readonly beforeUnread: string };

const Exported = z.object({ deployment: z.unknown() });

/** A state may hold many clusters' resources. */
const longest = 2 ** 28;

/** Longer than any backend takes. */
const patience = 120_000;

/**
 * Reads the state of the stack that a policy pack looks at, secrets left encrypted. The engine shows a pack what will be, never
 * what was; so the CLI is asked, which reads no matter what else goes on.
 *
 * @param urn Of any resource of the stack.
 * @param organization As Pulumi has it, where the CLI has told the pack.
 */
export async function previousState(urn: string, organization: string | undefined): Promise<PreviousState> {
  const project = urn.split("::")[1] ?? "";
  const stack = [...(organization === undefined ? [] : [organization, project]), stackOf(urn)].join("/");
  try {
    const { stdout } = await promisify(execFile)("pulumi", ["stack", "export", "--non-interactive", "--stack", stack], {
      maxBuffer: longest,
      timeout: patience,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      cwd: projectFolder(),
    });
    return { before: resourcesOfState(Exported.parse(JSON.parse(stdout)).deployment ?? {}) };
  } catch (error) {
    return { beforeUnread: reason(error, stack) };
  }
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

function reason(error: unknown, stack: string): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") {
    return "the pulumi CLI is not on the PATH. Put it there.";
  }
  const { stderr } = z.object({ stderr: z.string() }).catch({ stderr: "" }).parse(error);
  return `the state of stack ${stack} can't be read (${stderr.trim() || "it has an unknown form"}). See that pulumi stack export --stack ${stack} works.`;
}
