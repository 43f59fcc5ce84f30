import { execFile } from "node:child_process";
import { readlinkSync } from "node:fs";
import { promisify } from "node:util";
import { z } from "zod";
import { decode, isMap, type Properties, type Resource, resourcesOfState, stackOf } from "./state";

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
 * can't be asked for its folder, the one that the shell was in is assumed.
 */
function projectFolder(): string {
  try {
    return readlinkSync(`/proc/${String(process.ppid)}/cwd`);
  } catch {
    return process.env["PWD"] ?? process.cwd();
  }
}

/** Lists and maps with a secret anywhere in them are secrets as a whole here. */
const Configuration = z.record(
  z.string(),
  z.object({ secret: z.boolean(), value: z.string().optional(), objectValue: z.unknown().optional() }),
);

/**
 * What of a stack's configuration is not encrypted, by full keys. A program, and so a plan, sees the same value whether it is
 * or not; in the stack's file everybody reads it.
 *
 * @param urn Of any resource of the stack.
 * @param organization As Pulumi has it, where the CLI passes it to the pack.
 * @returns Undefined where it can't be read: where the CLI can't be asked, kept-foundations says so.
 */
export async function plainConfiguration(
  urn: string,
  organization: string | undefined,
): Promise<Properties | undefined> {
  try {
    return readConfiguration(await askCli(["config", "--json"], stackName(urn, organization)));
  } catch {
    return undefined;
  }
}

/** @param json As `pulumi config --json` prints it. */
export function readConfiguration(json: string): Properties {
  const plain = Object.entries(Configuration.parse(JSON.parse(json))).filter(([, { secret }]) => !secret);
  const { value } = decode(Object.fromEntries(plain.map(([key, one]) => [key, one.objectValue ?? one.value])));
  return isMap(value) ? value : {};
}

/** What a stack's state had before this plan or update. */
export type PreviousState =
  | { readonly before: readonly Resource[] }
  /** Why it could not be read, and what to do about it. */
  | { readonly beforeUnread: string };

const Exported = z.object({ deployment: z.unknown() });

/**
 * Reads the state of the stack that a policy pack evaluates; secrets stay encrypted.
 *
 * @param urn Of any resource of the stack.
 * @param organization As Pulumi has it, where the CLI passes it to the pack.
 */
export async function previousState(urn: string, organization: string | undefined): Promise<PreviousState> {
  const stack = stackName(urn, organization);
  try {
    const exported = Exported.parse(JSON.parse(await askCli(["stack", "export"], stack)));
    return { before: resourcesOfState(exported.deployment ?? {}) };
  } catch (error) {
    return { beforeUnread: reason(error, stack) };
  }
}

function reason(error: unknown, stack: string): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") {
    return "the pulumi CLI is not on the PATH. Add it.";
  }
  const { stderr } = z.object({ stderr: z.string() }).catch({ stderr: "" }).parse(error);
  return `the state of stack ${stack} can't be read (${stderr.trim() || "it has an unknown form"}). Make sure that pulumi stack export --stack ${stack} works.`;
}
