import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "../processes";

/** The holder touches its lock this often; one that was not touched for much longer has lost its holder. */
const touchMs = 5_000;
const forgottenMs = 60_000;
/** How often the holder looks whether the lock is still its own. */
const lookMs = 250;
const waitMs = 300;
const tellMs = 15_000;

/** What stands in a lock of this process. A laptop's host name may change from network to network. */
const ownText = `${hostname()} ${String(process.pid)}`;

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  /** Whether the process is one of this machine, which can be asked whether it runs. */
  readonly local: boolean;
  /** Whether it has taken the lock from another one: see {@link seizeLock}. */
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
 * Does the work while holding the lock file. The lock of a process that was killed, or that has not touched it for a minute, is
 * taken over.
 *
 * @param waiting Called at once and then every 15 seconds while another process holds it; what it throws ends the waiting.
 * @param work Is given a signal that is aborted, with a {@link LockLost}, when the lock is no longer this process's.
 */
export async function withLock<T>(
  file: string,
  waiting: (holder: Holder) => void,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  await acquire(file, waiting);
  const lost = new AbortController();
  let touchAt = Date.now() + touchMs;
  const keep = async (): Promise<void> => {
    const text = await readLock(file);
    if (text !== ownText) {
      lost.abort(new LockLost(text === undefined ? undefined : holderIn(text)));
    } else if (Date.now() >= touchAt) {
      touchAt = Date.now() + touchMs;
      const now = new Date();
      await utimes(file, now, now);
    }
  };
  const keeping = setInterval(() => {
    // What can't be read now is looked at the next time.
    keep().catch(() => undefined);
  }, lookMs);
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
 * Takes a lock for this process, whoever holds it: the holder's work is told so by its signal.
 *
 * @returns Who held it; undefined when nobody did who still could.
 */
export async function seizeLock(file: string): Promise<Holder | undefined> {
  const text = (await isForgotten(file)) ? undefined : await readLock(file);
  const own = besides(file);
  await writeFile(own, `${ownText} seized`);
  await rename(own, file);
  return text === undefined ? undefined : holderIn(text);
}

async function acquire(file: string, waiting: (holder: Holder) => void): Promise<void> {
  let tellAt = 0;
  while (!(await take(file))) {
    if (await isForgotten(file)) {
      await takeAway(file);
    } else {
      const text = await readLock(file);
      if (text !== undefined && Date.now() >= tellAt) {
        waiting(holderIn(text));
        tellAt = Date.now() + tellMs;
      }
      await sleep(waitMs);
    }
  }
}

/** What stands in a lock; undefined where there is none. */
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

/** Linking a written file, unlike creating one, makes a lock that has its holder in it from the start. */
async function take(file: string): Promise<boolean> {
  const own = besides(file);
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

async function isForgotten(file: string): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(file)).mtimeMs;
    const { pid, local } = holderIn(await readFile(file, "utf8"));
    return age > forgottenMs || (local && !isRunning(pid));
  } catch (error) {
    return expect(error, "ENOENT", false);
  }
}

/** Renames first: of several waiting processes only one takes the forgotten lock away. */
async function takeAway(file: string): Promise<void> {
  const aside = besides(file);
  try {
    await rename(file, aside);
    await rm(aside);
  } catch (error) {
    expect(error, "ENOENT", undefined);
  }
}

function besides(file: string): string {
  return `${file}.${randomUUID()}`;
}

/** The answer if the error is the expected one; any other is thrown on. */
function expect<T>(error: unknown, code: string, answer: T): T {
  if (error instanceof Error && "code" in error && error.code === code) {
    return answer;
  }
  throw error;
}
