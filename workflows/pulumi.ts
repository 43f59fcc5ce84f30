import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { passOn } from "./log";

// Pulumi's CLI rather than its Automation API, which tells neither of these two outcomes from any other failure but by the text of
// messages, quotes all that the CLI printed in its errors, makes the stack the runner's current one, and gets its events by a
// port of the runner that anybody there can connect to.

/** Exit statuses of Pulumi's CLI that mean more than success or failure; they are its contract (cmd/exit_codes.go). */
export const exitStatus = { noSuchStack: 6, changesFound: 7 } as const;

/** The result of a run of Pulumi's CLI. */
export interface PulumiRun {
  readonly status: number;
  /** The engine's events, for commands that print JSON. */
  readonly events: readonly EngineEvent[];
  /** The CLI's own error messages. */
  readonly error: string;
}

/** Runs Pulumi's CLI for its events. They are not shown, since those of debugging hold secrets. */
export async function pulumiEvents(...args: string[]): Promise<PulumiRun> {
  return withKubeconfig(async (environment) => {
    const child = spawn("pulumi", [...args, "--json", "--non-interactive"], {
      env: { ...environment, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [output, error, status] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
    return { status, error: error.trim(), events: output.split("\n").flatMap(eventIn) };
  });
}

/** The event on a line. A line that was broken off is ignored: the parser's error would quote it. */
function eventIn(line: string): EngineEvent[] {
  try {
    return line.startsWith("{") ? [JSON.parse(line) as EngineEvent] : [];
  } catch {
    return [];
  }
}

/** Runs Pulumi's CLI and shows its output in the log. Returns its exit status. */
export async function pulumiShown(...args: string[]): Promise<number> {
  return withKubeconfig(async (environment) => {
    const child = spawn("pulumi", [...args, "--color", "never", "--non-interactive"], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [status] = await Promise.all([
      ended(child),
      passOn(child.stdout, process.stdout),
      passOn(child.stderr, process.stderr),
    ]);
    return status;
  });
}

function ended(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", () => {
      reject(
        new WorkflowError("The Pulumi CLI is not on the PATH: install it (https://www.pulumi.com/docs/install/)."),
      );
    });
    child.on("close", (code) => {
      resolve(code ?? 1);
    });
  });
}

/** A message for the log of a workflow: what is wrong, and what to do. It needs no stack trace. */
export class WorkflowError extends Error {}

/** Runs the work with the kubeconfig that a runner gets as a secret, in a file that exists only meanwhile. */
async function withKubeconfig<Result>(work: (environment: NodeJS.ProcessEnv) => Promise<Result>): Promise<Result> {
  const { FLATMESH_KUBECONFIG: kubeconfig = "", ...rest } = process.env;
  // What a repository does not set reaches its workflows as an empty string, and Pulumi accepts an empty passphrase.
  const given = Object.entries(rest).filter(([name, value]) => !(name.startsWith("PULUMI_") && value === ""));
  const environment = Object.fromEntries(given);
  if (kubeconfig === "") {
    return work(environment);
  }
  const folder = await mkdtemp(join(tmpdir(), "flatmesh-kubeconfig-"));
  try {
    const file = join(folder, "kubeconfig");
    await writeFile(file, kubeconfig, { mode: 0o600 });
    return await work({ ...environment, KUBECONFIG: file });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
