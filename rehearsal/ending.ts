/** What ends a rehearsal before it is done. */
import { isRunning, originOf } from "./processes";

/** A run of a rehearsal that has ended before it was done. The message is for the person at the console. */
export class RunEnded extends Error {
  /** @param reason Why, as the rest of a sentence. */
  constructor(
    readonly reason: string,
    readonly exitCode = 1,
  ) {
    super(`This run of the rehearsal has ended before it was done: ${reason}.`);
  }
}

/**
 * Settles as the work does, or fails with the reason of the signal as soon as that is aborted. The work is not stopped by that:
 * who aborts takes away what it works on, or ends the process.
 */
export async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason as Error);
    });
  });
  return Promise.race([work(), aborted]);
}

const signals = [
  ["SIGHUP", 1, "its terminal is gone"],
  ["SIGINT", 2, "it was interrupted"],
  ["SIGTERM", 15, "it was told to end (SIGTERM)"],
] as const;

/** How often is looked whether whoever started this process is still there, in milliseconds. */
const lookMs = 500;

/**
 * A signal that is aborted, with a {@link RunEnded}, when this process should end: it is told to, what started it is gone, or what
 * it says can't be written any more. A second signal of the system ends it at once.
 */
export async function watchForEnd(): Promise<AbortSignal> {
  const controller = new AbortController();
  const end = (reason: string, exitCode?: number): void => {
    controller.abort(new RunEnded(reason, exitCode));
  };
  for (const [name, number, reason] of signals) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        process.exit(128 + number);
      }
      end(reason, 128 + number);
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", ({ message }: Error) => {
      end(`what it says can't be written any more (${message})`);
    });
  }
  await watchStarter(() => {
    end("the process that started it is gone");
  });
  return controller.signal;
}

const shells = ["ash", "bash", "busybox", "dash", "ksh", "sh", "zsh"];

/**
 * Calls back when this process's parent is gone, or npm, where that is the parent's parent: it starts scripts by a shell, and that
 * outlives it. Neither has to be process 1, and a new parent isn't either: containers and session managers adopt orphans.
 */
async function watchStarter(gone: () => void): Promise<void> {
  const { ppid } = process;
  const parent = "npm_lifecycle_event" in process.env ? await originOf(ppid) : undefined;
  const npm = parent !== undefined && shells.includes(parent.program) ? parent.parent : undefined;
  const timer = setInterval(() => {
    if (process.ppid !== ppid || (npm !== undefined && !isRunning(npm))) {
      clearInterval(timer);
      gone();
    }
  }, lookMs);
  timer.unref();
}
