import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { withoutLogs } from "../../../rehearsal/pulumi-logs";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "flatmesh-home-"));
});
afterEach(() => rm(home, { recursive: true }));

it.each([
  ["a new PULUMI_HOME", () => rm(home, { recursive: true })],
  [
    "one with logs of earlier",
    async () => {
      await mkdir(join(home, "logs"));
      await writeFile(join(home, "logs", "pulumi.log"), "much");
    },
  ],
])("%s has a file in the place of the folder for logs, once and for all", async (_, prepare) => {
  await prepare();
  await withoutLogs(home);
  const first = await stat(join(home, "logs"));
  await withoutLogs(home);
  expect(await readFile(join(home, "logs"), "utf8")).toContain("writes none");
  expect((await stat(join(home, "logs"))).ino).toBe(first.ino);
});
