import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "../processes";

// Written by hand rather than taken from proper-lockfile: that one knows a lock's age, but not who holds it. Here the message
// names the holder, the lock of a killed process is free at once instead of when it has become too old, and `--down` can take a
// lock from a live run, which learns that and from whom.

/** The holder renews its lock this often; one that was not renewed for much longer is stale. */
const renewMs = 5_000;
const staleMs = 60_000;
/** How often the holder checks that the lock is still its own. */
const checkMs = 250;
const retryMs = 300;
const reportMs = 15_000;

/** The content of a lock of this process. Read once: a laptop's host name may change from network to network. */
const ownText = `${hostname()} ${String(process.pid)}`;

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  /** Whether the process is one of this machine, where it can be seen whether it runs. */
  readonly local: boolean;
  /** Whether it has taken the lock from another process: see {@link seizeLock}. */
  readonly seized: boolean;
}

/** A lock that its holder has lost: to another process, or, where `to` is undefined, with the folder that it was in. */
export class LockLost extends Error {
  override readonly name = "LockLost";

  constructor(readonly to: Holder | undefined) {
    super("the lock was lost");
  }
}

/**
 * Runs the work while holding the lock file. The lock of a process that was killed, or that has not renewed it for a minute, is
 * taken over.
 *
 * @param waiting Called at once and then every 15 seconds while another process holds it; what it throws ends the waiting.
 * @param work Gets a signal that is aborted, with a {@link LockLost}, when the lock is no longer this process's.
 */
export async function withLock<T>(
  file: string,
  waiting: (holder: Holder) => void,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  await acquire(file, waiting);
  const lost = new AbortController();
  let renewAt = Date.now() + renewMs;
  const keep = async (): Promise<void> => {
    const text = await readLock(file);
    if (text !== ownText) {
      lost.abort(new LockLost(text === undefined ? undefined : holderIn(text)));
    } else if (Date.now() >= renewAt) {
      renewAt = Date.now() + renewMs;
      const now = new Date();
      await utimes(file, now, now);
    }
  };
  const keeping = setInterval(() => {
    // If it can't be read now, it is checked the next time.
    keep().catch(() => undefined);
  }, checkMs);
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(keeping);
    if ((await readLock(file)) === ownText) {
      await rm(file, { force: true });
    }
  }
}

/**
 * Takes a lock for this process, whoever holds it: the signal of the holder's work is aborted.
 *
 * @returns Who held it; undefined if nobody did, or the lock was stale.
 */
export async function seizeLock(file: string): Promise<Holder | undefined> {
  const text = (await isStale(file)) ? undefined : await readLock(file);
  const own = temporaryName(file);
  await writeFile(own, `${ownText} seized`);
  await rename(own, file);
  return text === undefined ? undefined : holderIn(text);
}

async function acquire(file: string, waiting: (holder: Holder) => void): Promise<void> {
  let reportAt = 0;
  while (!(await tryLink(file))) {
    if (await isStale(file)) {
      await removeStale(file);
    } else {
      const text = await readLock(file);
      if (text !== undefined && Date.now() >= reportAt) {
        waiting(holderIn(text));
        reportAt = Date.now() + reportMs;
      }
      await sleep(retryMs);
    }
  }
}

/** The content of a lock; undefined if there is none. */
async function readLock(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    expect(error, "ENOENT", undefined);
    return undefined;
  }
}

function holderIn(text: string): Holder {
  const [host, pid, seized] = text.split(" ");
  return { pid: Number(pid), local: host === hostname(), seized: seized !== undefined };
}

/** Linking a written file, unlike creating one, makes a lock that names its holder from the start. */
async function tryLink(file: string): Promise<boolean> {
  const own = temporaryName(file);
  await writeFile(own, ownText);
  try {
    await link(own, file);
    return true;
  } catch (error) {
    return expect(error, "EEXIST", false);
  } finally {
    await rm(own);
  }
}

async function isStale(file: string): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(file)).mtimeMs;
    const { pid, local } = holderIn(await readFile(file, "utf8"));
    return age > staleMs || (local && !isRunning(pid));
  } catch (error) {
    return expect(error, "ENOENT", false);
  }
}

/** Renames first, so that only one of several waiting processes removes the stale lock. */
async function removeStale(file: string): Promise<void> {
  const aside = temporaryName(file);
  try {
    await rename(file, aside);
    await rm(aside);
  } catch (error) {
    expect(error, "ENOENT", undefined);
  }
}

function temporaryName(file: string): string {
  return `${file}.${randomUUID()}`;
}

/** The answer if the error is the expected one; throws any other. */
function expect<T>(error: unknown, code: string, answer: T): T {
  if (error instanceof Error && "code" in error && error.code === code) {
    return answer;
  }
  throw error;
}
