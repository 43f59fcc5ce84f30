import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunEnded, untilAborted } from "../../../rehearsal/ending";

let folder: string;
let reasonFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-ending-"));
  reasonFile = join(folder, "reason");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const program = ["--require", "tsx/cjs", join(__dirname, "watching.ts")];
const withoutNpm = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));

/** Starts a program, and waits until the one that watches says that it works. */
async function start(file: string, args: readonly string[], env: NodeJS.ProcessEnv = withoutNpm) {
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

/** Why it has ended: the file is there before the text is in it. */
const reason = () =>
  vi.waitFor(() => {
    const text = readFileSync(reasonFile, "utf8");
    expect(text).not.toBe("");
    return text;
  }, 10_000);

async function exitOf(child: ChildProcess): Promise<unknown> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

describe("a run of a rehearsal ends", () => {
  it.each([
    ["SIGINT", 130, "it was interrupted"],
    ["SIGTERM", 143, "it received SIGTERM"],
    ["SIGHUP", 129, "its terminal was closed"],
  ] as const)("when it is sent %s, with exit code %i", async (signal, exitCode, told) => {
    const child = await start(process.execPath, [...program, reasonFile]);
    const exit = exitOf(child);
    child.kill(signal);
    expect(await reason()).toBe(told);
    expect(await exit).toBe(exitCode);
  });

  /** A program that starts another one as its child. */
  const starter = (file: string, args: readonly string[]) =>
    [
      "-e",
      `require("node:child_process").spawn(${JSON.stringify(file)}, ${JSON.stringify(args)}, { stdio: "inherit" })`,
    ] as const;

  it("when what started it was killed", async () => {
    const parent = await start(process.execPath, starter(process.execPath, [...program, reasonFile]));
    parent.kill("SIGKILL");
    expect(await reason()).toBe("the process that started it is gone");
  });

  it("when npm was killed, whose shell is still there", async () => {
    const shell = `"$0" "$@"; exit $?`;
    const args = ["-c", shell, process.execPath, ...program, reasonFile];
    const npm = await start(process.execPath, starter("/bin/sh", args), {
      ...withoutNpm,
      npm_lifecycle_event: "start",
    });
    npm.kill("SIGKILL");
    expect(await reason()).toBe("the process that started it is gone");
  });

  it("when nobody reads what it says", async () => {
    const child = await start(process.execPath, [...program, reasonFile]);
    const exit = exitOf(child);
    child.stdout.destroy();
    expect(await reason()).toBe("its output can't be written any more (write EPIPE)");
    expect(await exit).toBe(1);
  });
});

describe("work that may be ended", () => {
  it("comes to what it comes to where it is not", async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(signal, () => Promise.resolve(1))).toBe(1);
    await expect(untilAborted(signal, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  it("fails with the reason at once, whatever it does later, and is not begun any more then", async () => {
    const end = new AbortController();
    const later = new EventEmitter();
    const work = untilAborted(end.signal, () => once(later, "done"));
    end.abort(new RunEnded("it was interrupted", 130));
    await expect(work).rejects.toThrow("has ended early: it was interrupted.");
    later.emit("error", new Error("later"));
    const begun = vi.fn();
    await expect(untilAborted(end.signal, begun)).rejects.toThrow("it was interrupted");
    expect(begun).not.toHaveBeenCalled();
  });
});
