import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RehearsalError } from "./stack-file";

/** Stands in a rehearsal's folder while it runs: after an interruption it is what is left of the run. */
function markerFile(folder: string): string {
  return join(folder, "running");
}

/**
 * Takes the folder for this process.
 *
 * @returns whether the last run was interrupted, so that nobody knows what state it left.
 * @throws RehearsalError when another process is at work in it.
 */
export async function beginRun(folder: string): Promise<{ readonly interrupted: boolean }> {
  const file = markerFile(folder);
  const interrupted = existsSync(file);
  if (interrupted) {
    const pid = Number(await readFile(file, "utf8"));
    if (pid !== process.pid && isRunning(pid)) {
      throw new RehearsalError(`Process ${String(pid)} is rehearsing this stack already: wait for it, or end it.`);
    }
  }
  await writeFile(file, String(process.pid));
  return { interrupted };
}

/** Gives the folder back; what was begun has come to its end, good or bad. */
export async function endRun(folder: string): Promise<void> {
  await rm(markerFile(folder), { force: true });
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
