/** What ends a rehearsal early. */
import { isRunning, processInfo } from "./processes";

/** A run of a rehearsal has ended early. The message is for the person at the console. */
export class RunEnded extends Error {
  /** @param reason Why, as the rest of a sentence. */
  constructor(
    readonly reason: string,
    readonly exitCode = 1,
  ) {
    super(`The rehearsal has ended early: ${reason}.`);
  }
}

/**
 * Settles as the work does, or fails with the reason of the signal as soon as that is aborted. That does not stop the work:
 * whoever aborts removes what it works on, or ends the process.
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
  ["SIGHUP", 1, "its terminal was closed"],
  ["SIGINT", 2, "it was interrupted"],
  ["SIGTERM", 15, "it received SIGTERM"],
] as const;

/** How often to check that the process that started this one still runs. */
const pollMs = 500;

/**
 * A signal that is aborted, with a {@link RunEnded}, when this process should end: it receives a signal, the process that started
 * it is gone, or its output can't be written any more. A second signal ends it at once.
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
      end(`its output can't be written any more (${message})`);
    });
  }
  await watchStarter(() => {
    end("the process that started it is gone");
  });
  return controller.signal;
}

const shellNames = ["ash", "bash", "busybox", "dash", "ksh", "sh", "zsh"];

/**
 * Calls back when this process's parent is gone, or npm, if that is the parent's parent: it starts scripts by a shell, which
 * outlives it. An orphan's new parent need not be process 1: containers and session managers adopt orphans as well.
 */
async function watchStarter(gone: () => void): Promise<void> {
  const { ppid } = process;
  const parent = "npm_lifecycle_event" in process.env ? await processInfo(ppid) : undefined;
  const npm = parent !== undefined && shellNames.includes(parent.program) ? parent.parent : undefined;
  const timer = setInterval(() => {
    if (process.ppid !== ppid || (npm !== undefined && !isRunning(npm))) {
      clearInterval(timer);
      gone();
    }
  }, pollMs);
  timer.unref();
}
