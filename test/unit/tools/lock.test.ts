import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { withLock } from "../../../rehearsal/tools/lock";

let folder: string;
let lock: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flatmesh-lock-"));
  lock = join(folder, "deep", "lock");
});
afterEach(() => rm(folder, { recursive: true }));

const neverWaits = (): void => {
  throw new Error("waited for a lock that is free");
};

it("lets one work at a time, and tells the others once that they wait", async () => {
  const events: string[] = [];
  const worker = (name: string): Promise<string> =>
    withLock(
      lock,
      () => events.push(`${name} waits`),
      async () => {
        events.push(`${name} begins`);
        await sleep(700);
        events.push(`${name} ends`);
        return name;
      },
    );
  const first = worker("a");
  await sleep(100);
  expect(await Promise.all([first, worker("b")])).toEqual(["a", "b"]);
  expect(events).toEqual(["a begins", "b waits", "a ends", "b begins", "b ends"]);
});

it("is free again after work that failed, and leaves nothing behind", async () => {
  await expect(withLock(lock, neverWaits, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await withLock(lock, neverWaits, () => Promise.resolve());
  expect(await readdir(join(folder, "deep"))).toEqual([]);
});

it("takes over at once from a process that was killed", async () => {
  await withLock(lock, neverWaits, () => Promise.resolve());
  const { pid } = spawnSync("true");
  await writeFile(lock, `${hostname()} ${String(pid)}`);
  expect(await withLock(lock, neverWaits, () => readFile(lock, "utf8"))).toBe(`${hostname()} ${String(process.pid)}`);
});

it("waits for another machine's process until that touches its lock no more, and takes over then", async () => {
  await withLock(lock, neverWaits, () => Promise.resolve());
  await writeFile(lock, "another-machine 1");
  let waited = false;
  const work = withLock(
    lock,
    () => {
      waited = true;
      const longAgo = new Date(Date.now() - 61_000);
      void utimes(lock, longAgo, longAgo);
    },
    () => Promise.resolve("done"),
  );
  expect(await work).toBe("done");
  expect(waited).toBe(true);
});
