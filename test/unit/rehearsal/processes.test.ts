import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { endProcessesOf, isRunning, markOf, processInfo, processesIn, processesOf } from "../../../rehearsal/processes";

const paths = ["/home/me/flatmesh/.flatmesh/dev", "/Users/Zoë Müller/my code/.flatmesh/dev", "/tmp/100% = ok/dev"];

describe("the mark of a rehearsal's processes", () => {
  it.each(paths)("is one word of ASCII for %s", (path) => {
    expect(Object.values(markOf(path)).join()).toMatch(/^[!-~]+$/);
  });

  it("differs from folder to folder", () => {
    const all = [...paths, `${paths[0] ?? ""}2`, "/home/me/my%20code", "/home/me/my code"];
    expect(new Set(all.map((path) => JSON.stringify(markOf(path)))).size).toBe(all.length);
  });

  it.each(paths)("is found in what ps of macOS prints, for %s", (path) => {
    const mark = Object.entries(markOf(path)).map(([name, value]) => `${name}=${value}`);
    const [entry = ""] = mark;
    // As `ps -E -ww -x -o pid=,command=` has it: arguments, then the environment, and nothing to tell them apart.
    const listing = [
      "    1 /sbin/launchd",
      `  501 ${path}/kwok/bin/kube-apiserver --etcd-prefix=/x TERM_PROGRAM=Apple Terminal ${entry} HOME=/Users/Zoë Müller`,
      `  502 etcd ${entry}`,
      `  503 /bin/zsh -l PWD=${path} OTHER_${entry} HOME=/Users/me`,
      `  504 etcd ${entry}/other HOME=/Users/me`,
      "",
    ].join("\n");
    const found = processesIn(listing).filter(({ environment }) => environment.includes(entry));
    expect(found.map(({ pid }) => pid)).toEqual([501, 502]);
  });
});

describe("the processes of a rehearsal", () => {
  const folder = mkdtempSync(join(tmpdir(), "flatmesh processes é-"));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("are found and ended by their mark, in a folder of any name, and no others are", async () => {
    const start = (mark: string) =>
      spawn("sleep", ["50"], { env: { ...process.env, ...markOf(mark) }, stdio: "ignore" });
    const [own, other] = [start(folder), start(`${folder}-2`)];
    try {
      expect(await processesOf(folder)).toEqual([own.pid]);
      const ended = new Promise((resolve) =>
        own.on("exit", (_, signal) => {
          resolve(signal);
        }),
      );
      await endProcessesOf(folder);
      expect(await ended).toBe("SIGTERM");
      expect(await processesOf(folder)).toEqual([]);
      expect(await processesOf(`${folder}-2`)).toEqual([other.pid]);
    } finally {
      own.kill();
      other.kill();
    }
  });
});

it("knows what runs, and what has started it", async () => {
  expect(isRunning(process.pid)).toBe(true);
  for (const none of [0, -1, Number.NaN, 2 ** 22 + 1]) {
    expect(isRunning(none)).toBe(false);
  }
  const child = spawn("sleep", ["50"], { stdio: "ignore" });
  try {
    expect(await processInfo(child.pid ?? 0)).toEqual({ program: "sleep", parent: process.pid });
  } finally {
    child.kill();
  }
  expect(await processInfo(2 ** 22 + 1)).toBeUndefined();
});
