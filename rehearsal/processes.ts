import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

// Written by hand, since ps-list and its like list commands without environments, and a rehearsal's processes are recognised by
// a variable in their environment: they inherit it whatever starts them, and no other program has it.

/** The variable that marks every process of a rehearsal. */
const marker = "FLATMESH_REHEARSAL";

/**
 * The environment that marks a process as one of the rehearsal in `folder`. The value is one word of ASCII, whatever the path:
 * ps separates variables by spaces, and prints what is not ASCII according to the locale.
 */
export function markOf(folder: string): Record<string, string> {
  return { [marker]: encodeURI(folder) };
}

/** The identifiers of all running processes of the rehearsal in `folder`, except for this one. */
export async function processesOf(folder: string): Promise<number[]> {
  const all = process.platform === "linux" ? await fromProc() : await fromPs();
  return all
    .filter(({ pid, environment }) => pid !== process.pid && environment.includes(`${marker}=${encodeURI(folder)}`))
    .map(({ pid }) => pid);
}

/** Ends all running processes of the rehearsal in `folder`, and waits until they have ended. */
export async function endProcessesOf(folder: string): Promise<void> {
  for (let signal: NodeJS.Signals = "SIGTERM", round = 0; ; round += 1) {
    const pids = await processesOf(folder);
    if (pids.length === 0) {
      return;
    }
    pids.forEach((pid) => {
      signalIfThere(pid, signal);
    });
    signal = round > 20 ? "SIGKILL" : "SIGTERM";
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

export interface Process {
  readonly pid: number;
  /** `NAME=value` entries, among others. */
  readonly environment: readonly string[];
}

async function fromProc(): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      // Unreadable: another user's, or gone.
      environment: (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).split("\0"),
    })),
  );
}

async function fromPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)("ps", ["-E", "-ww", "-x", "-o", "pid=,command="], {
    maxBuffer: 2 ** 26,
  });
  return processesIn(stdout);
}

/**
 * The processes in the output of `ps -E -o pid=,command=`: one per line, followed by its arguments and its environment, separated
 * by nothing but spaces. Values without spaces can be found in it, others can't.
 */
export function processesIn(listing: string): Process[] {
  return listing.split("\n").flatMap((line) => {
    const [pid = "", ...words] = line.trim().split(/\s+/);
    return /^\d+$/.test(pid) ? [{ pid: Number(pid), environment: words }] : [];
  });
}

/** Whether there is a process with that identifier, of any user. */
export function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) {
    return false;
  }
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The program that a process runs, such as `sh`, and its parent; undefined if it is gone. */
export async function processInfo(
  pid: number,
): Promise<{ readonly program: string; readonly parent: number } | undefined> {
  try {
    if (process.platform === "linux") {
      const status = await readFile(`/proc/${String(pid)}/status`, "utf8");
      const [, program = "", parent] = /^Name:\t(.*)$[^]*^PPid:\t(\d+)$/m.exec(status) ?? [];
      return { program, parent: Number(parent) };
    }
    const { stdout } = await promisify(execFile)("ps", ["-o", "ppid=,comm=", "-p", String(pid)]);
    const [, parent, program = ""] = /^\s*(\d+)\s+(.*\S)/.exec(stdout) ?? [];
    return { program: basename(program), parent: Number(parent) };
  } catch {
    return undefined;
  }
}
