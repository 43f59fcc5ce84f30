import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

/** The variable that marks every process of a rehearsal, whatever started it. */
const marker = "FLATMESH_REHEARSAL";

/**
 * The environment that marks a process as one of the rehearsal in `folder`. The value is one word of ASCII, whatever the path:
 * ps prints environments with spaces in between, and what is not ASCII as the locale has it.
 */
export function markOf(folder: string): Record<string, string> {
  return { [marker]: encodeURI(folder) };
}

/** Process identifiers of everything that still runs of the rehearsal in `folder`, this process excepted. */
export async function processesOf(folder: string): Promise<number[]> {
  const all = process.platform === "linux" ? await fromProc() : await fromPs();
  return all
    .filter(({ pid, environment }) => pid !== process.pid && environment.includes(`${marker}=${encodeURI(folder)}`))
    .map(({ pid }) => pid);
}

/** Ends everything that still runs of the rehearsal in `folder`, and waits until it has ended. */
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
 * The processes in what `ps -E -o pid=,command=` prints: a line each, with the arguments and the environment behind, parted by
 * spaces only. Whole words are found in it, values that have spaces are not.
 */
export function processesIn(listing: string): Process[] {
  return listing.split("\n").flatMap((line) => {
    const [pid = "", ...words] = line.trim().split(/\s+/);
    return /^\d+$/.test(pid) ? [{ pid: Number(pid), environment: words }] : [];
  });
}

/** Whether there is a process of that identifier, whoever's it is. */
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

/** The program that a process runs, such as `sh`, and the process that has started it; undefined when it is gone. */
export async function originOf(
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
