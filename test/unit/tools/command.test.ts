import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { run } from "../../../rehearsal/tools/command";
import { Machine } from "./machine";

vi.setConfig({ testTimeout: 60_000 });

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.make();
});
afterEach(() => machine.remove());

it("gives what a program writes, and passes arguments without a shell", async () => {
  const program = await machine.script("program", 'printf "%s|" "$@"');
  expect(await run(program, ["a b", "$HOME", "'"])).toBe("a b|$HOME|'|");
});

it("says how a program failed, with the end of what it said", async () => {
  const program = await machine.script(
    "program",
    "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo line $i; done >&2; exit 7",
  );
  await expect(run(program, ["x"])).rejects.toThrow(
    /^`.*program x` failed with exit code 7:\n {2}line 2\n[^]*line 13$/,
  );
});

it("ends a program that takes too long", async () => {
  const program = await machine.script("program", "exec sleep 50");
  await expect(run(program, [], { timeoutMs: 100 })).rejects.toThrow("was ended by SIGTERM");
});

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("ends what it runs when %s ends it", async (signal) => {
  const pidFile = join(machine.folder, "pid");
  const program = await machine.script("program", `echo $$ > ${pidFile}; exec sleep 50`);
  const main = join(machine.folder, "main.ts");
  await writeFile(main, `import { run } from "${resolve("rehearsal/tools/command")}";\nvoid run("${program}", []);\n`);
  const rehearsal = spawn(process.execPath, ["--import", resolve("node_modules/tsx/dist/loader.mjs"), main], {
    stdio: "inherit",
  });
  const pid = await vi.waitFor(
    async () => Number(await readFile(pidFile, "utf8")) || Promise.reject(new Error("no pid")),
    30_000,
  );
  rehearsal.kill(signal);
  const [, endedBy] = (await once(rehearsal, "exit")) as unknown[];
  expect(endedBy).toBe(signal);
  // It is there until init has noticed its end.
  await vi.waitFor(() => {
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  }, 30_000);
});
