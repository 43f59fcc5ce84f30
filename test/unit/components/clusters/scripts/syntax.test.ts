import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { scripts } from "./machine";

it("has scripts to look at", () => {
  expect(scripts.size).toBeGreaterThan(0);
});

// @pulumi/command gives a text to /bin/sh, which on Debian knows nothing of bash.
it.each([...scripts])("%s is what a POSIX shell understands", (_, file) => {
  expect(spawnSync("sh", ["-n", file], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});
