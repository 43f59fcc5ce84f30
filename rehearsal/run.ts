import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RunEnded } from "./ending";
import { isRunning } from "./processes";
import { RehearsalError } from "./stack-file";
import { type Holder, LockLost, seizeLock, withLock } from "./tools/lock";

/** Held by the process that is working in a rehearsal's folder. */
const lockName = "lock";

/** Exists in a rehearsal's folder while the engine runs an update; an interrupted run leaves it behind. */
const updateMark = "running";

/** The run's own files in its folder. */
export const runFiles = [lockName, updateMark];

function lockFile(folder: string): string {
  return join(folder, lockName);
}

/**
 * Runs the work as the only process that rehearses in a folder.
 *
 * @param work Gets a signal that is aborted, with a {@link RunEnded}, when the folder is taken from it.
 * @throws RehearsalError when another process is working in the folder.
 */
export async function withFolder<T>(folder: string, work: (lost: AbortSignal) => Promise<T>): Promise<T> {
  const busy = ({ pid, local }: Holder): void => {
    throw new RehearsalError(
      local
        ? `Process ${String(pid)} is already running this stack's rehearsal: wait for it, or take it down (--down).`
        : "A process on another machine is already running this stack's rehearsal: wait for it, or end it there.",
    );
  };
  return withLock(lockFile(folder), busy, (lost) => {
    const ended = new AbortController();
    lost.addEventListener("abort", () => {
      ended.abort(new RunEnded(reasonOf(lost.reason)));
    });
    return work(ended.signal);
  });
}

function reasonOf(lost: unknown): string {
  const to = lost instanceof LockLost ? lost.to : undefined;
  if (to === undefined) {
    return "its folder was deleted";
  }
  return to.seized
    ? `process ${String(to.pid)} is taking the rehearsal down`
    : `process ${String(to.pid)} has started the rehearsal again, since this run had not responded for a minute`;
}

/** How long a run may take to end by itself. */
const endTimeoutMs = 10_000;

/** Takes a folder from the run that is working in it, if there is one, and waits until its process has ended. */
export async function takeFolder(folder: string): Promise<void> {
  const holder = await seizeLock(lockFile(folder)).catch((error: unknown) => {
    // Another process has taken the rehearsal down in the meantime.
    if (!existsSync(folder)) {
      return undefined;
    }
    throw error;
  });
  const giveUp = Date.now() + endTimeoutMs;
  // A process that doesn't end may be another program by now, with the identifier of a run that was killed: it is left alone.
  while (holder !== undefined && runsElsewhere(holder) && Date.now() < giveUp) {
    await sleep(100);
  }
}

function runsElsewhere({ pid, local }: Holder): boolean {
  return local && pid !== process.pid && isRunning(pid);
}

/** Whether an update was interrupted, so that its state does not say what exists. */
export function updateBegun(folder: string): boolean {
  return existsSync(join(folder, updateMark));
}

export async function markUpdate(folder: string): Promise<void> {
  await writeFile(join(folder, updateMark), "");
}

/** The update has ended, successfully or not, and its state says what it has done. */
export async function unmarkUpdate(folder: string): Promise<void> {
  await rm(join(folder, updateMark), { force: true });
}
