import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** The variable that marks every process of a rehearsal, whatever started it; its value is the rehearsal's folder. */
export const marker = "FLATMESH_REHEARSAL";

/** Process identifiers of everything that still runs of the rehearsal in `folder`, this process excepted. */
export async function processesOf(folder: string): Promise<number[]> {
  const all = process.platform === "linux" ? await fromProc() : await fromPs();
  return all
    .filter(({ pid, environment }) => pid !== process.pid && environment.includes(`${marker}=${folder}`))
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

interface Process {
  readonly pid: number;
  /** `NAME=value` entries. */
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
  return stdout.split("\n").map((line) => {
    const [pid, ...words] = line.trim().split(/\s+/);
    return { pid: Number(pid), environment: words };
  });
}
