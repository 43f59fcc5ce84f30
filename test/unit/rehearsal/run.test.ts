import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clear, takeDown } from "../../../rehearsal/down";
import { RunEnded, untilAborted } from "../../../rehearsal/ending";
import { markUpdate, takeFolder, unmarkUpdate, updateBegun, withFolder } from "../../../rehearsal/run";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-run-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Work that goes on until its folder is lost; what it fails with, told as a value. */
function runUntilLost(begun: () => void = () => undefined): Promise<unknown> {
  return withFolder(folder, (lost) =>
    untilAborted(lost, () => {
      begun();
      return new Promise(() => undefined);
    }),
  ).catch((error: unknown) => error);
}

const begin = async (): Promise<Promise<unknown>[]> => {
  let run: Promise<unknown> | undefined;
  await new Promise<void>((begun) => {
    run = runUntilLost(begun);
  });
  return run === undefined ? [] : [run];
};

describe("a run of a rehearsal", () => {
  it("has its folder to itself, and gives it back", async () => {
    await withFolder(folder, async () => {
      await expect(withFolder(folder, () => Promise.resolve())).rejects.toThrow(
        `Process ${String(process.pid)} is already running this stack's rehearsal: wait for it, or take it down (--down).`,
      );
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(await withFolder(folder, () => Promise.resolve("again"))).toBe("again");
  });

  it("is told that its rehearsal is taken down, and ends", async () => {
    const [run] = await begin();
    await takeFolder(folder);
    const ended = await run;
    expect(ended).toBeInstanceOf(RunEnded);
    expect(String(ended)).toContain(`process ${String(process.pid)} is taking the rehearsal down.`);
    await expect(withFolder(folder, () => Promise.resolve())).rejects.toThrow(
      "is already running this stack's rehearsal",
    );
  });

  it("is told that its folder was deleted, and leaves nothing in its place", async () => {
    const [run] = await begin();
    rmSync(folder, { recursive: true });
    expect(String(await run)).toContain("its folder was deleted.");
    expect(existsSync(folder)).toBe(false);
  });

  it("is told that another one has its folder, and leaves that its lock", async () => {
    const [run] = await begin();
    writeFileSync(join(folder, "lock"), `${hostname()} 1`);
    expect(String(await run)).toContain("process 1 has started the rehearsal again");
    expect(readdirSync(folder)).toEqual(["lock"]);
  });
});

describe("taking a rehearsal down", () => {
  it("waits for the run to end before it deletes what that works on", async () => {
    const child = spawn("sleep", ["1"], { stdio: "ignore" });
    const ended = new Promise((resolve) =>
      child.on("exit", () => {
        resolve(existsSync(folder));
      }),
    );
    writeFileSync(join(folder, "lock"), `${hostname()} ${String(child.pid)}`);
    expect(await takeDown(folder)).toBe(true);
    expect(await ended).toBe(true);
    expect(existsSync(folder)).toBe(false);
    expect(await takeDown(folder)).toBe(false);
  });

  it("doesn't wait for a run that was killed", async () => {
    writeFileSync(join(folder, "lock"), `${hostname()} ${String(2 ** 22 + 1)}`);
    const start = performance.now();
    await takeDown(folder);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it("is not what a run that starts over does: it keeps the folder", async () => {
    mkdirSync(join(folder, "kwok", "clusters"), { recursive: true });
    await withFolder(folder, async (lost) => {
      await markUpdate(folder);
      await clear(folder);
      expect(readdirSync(folder)).toEqual(["lock", "running"]);
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(lost.aborted).toBe(false);
    });
  });
});

it("an update leaves its mark until it has come to its end", async () => {
  expect(updateBegun(folder)).toBe(false);
  await markUpdate(folder);
  expect(updateBegun(folder)).toBe(true);
  await unmarkUpdate(folder);
  expect(updateBegun(folder)).toBe(false);
});
