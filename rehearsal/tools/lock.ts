import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The holder touches its lock this often; one that was not touched for much longer has lost its holder. */
const touchMs = 5_000;
const forgottenMs = 60_000;
const waitMs = 300;
const tellMs = 15_000;

/**
 * Does the work while holding the lock file; `waiting` is called at once and then every 15 seconds if another process holds it. The lock of a
 * process that was killed is taken over. The lock saves double work: what the cache keeps is safe without it, since it
 * is renamed into place whole.
 */
export async function withLock<T>(file: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  await acquire(file, waiting);
  const touching = setInterval(() => {
    const now = new Date();
    // It is gone if this process was suspended and another took over: nothing to touch then.
    utimes(file, now, now).catch(() => undefined);
  }, touchMs);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await rm(file, { force: true });
  }
}

async function acquire(file: string, waiting: () => void): Promise<void> {
  let tellAt = 0;
  while (!(await take(file))) {
    if (await isForgotten(file)) {
      await takeAway(file);
    } else {
      if (Date.now() >= tellAt) {
        waiting();
        tellAt = Date.now() + tellMs;
      }
      await sleep(waitMs);
    }
  }
}

/** Linking a written file, unlike creating one, makes a lock that has its holder in it from the start. */
async function take(file: string): Promise<boolean> {
  const own = besides(file);
  await writeFile(own, `${hostname()} ${String(process.pid)}`);
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
    return age > forgottenMs || !mayLive(await readFile(file, "utf8"));
  } catch (error) {
    return expect(error, "ENOENT", false);
  }
}

/** Only a process of this machine can be asked whether it lives. */
function mayLive(holder: string): boolean {
  const [host, pid] = holder.split(" ");
  if (host !== hostname()) {
    return true;
  }
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    return expect(error, "ESRCH", false);
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
