import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { scripts } from "./machine";

const files = readdirSync(scripts).filter((file) => file.endsWith(".sh"));

it("has scripts to look at", () => {
  expect(files.length).toBeGreaterThan(0);
});

// @pulumi/command gives a text to /bin/sh, which on Debian knows nothing of bash.
it.each(files)("%s is what a POSIX shell understands", (file) => {
  expect(spawnSync("sh", ["-n", join(scripts, file)], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});
