/** `bin/flatmesh` as people call it: in the clone, from elsewhere, by npx and by npm. */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { name, version } from "../../../package.json";

const project = join(__dirname, "..", "..", "..");
const folder = mkdtempSync(join(tmpdir(), "flatmesh-executable-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** As a shell would have it: npm's own variables would say where the tests were called. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([variable]) => !/^(npm_|INIT_CWD)/i.test(variable))),
  npm_config_cache: join(folder, "cache"),
  npm_config_offline: "true",
};

const call = async (cwd: string, program: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(program, args, { cwd, env })).stdout;

it("is called by its path, from any folder, whatever TypeScript that is for", async () => {
  writeFileSync(join(folder, "tsconfig.json"), "this is none");
  const file = join(project, "bin", "flatmesh");
  expect(await call(folder, file, "--version")).toBe(`${version}\n`);
  expect(await call(folder, file, "check", "--list")).toContain("\ntrust-domain ");
});

it("is called by npx in the clone and below, without a network", async () => {
  expect(name).toBe("flatmesh");
  expect(await call(project, "npx", "flatmesh", "--version")).toBe(`${version}\n`);
  expect(await call(join(project, "test"), "npx", "flatmesh", "check", "--list")).toContain("\ntrust-domain ");
});

it("is what npm's scripts call", async () => {
  expect(await call(project, "npm", "start", "--silent", "--", "--help")).toMatch(/^Usage: flatmesh rehearse /);
  expect(await call(project, "npm", "run", "--silent", "check", "--", "--help")).toMatch(/^Usage: flatmesh check /);
  expect(await call(project, "npm", "run", "--silent", "kubeconfig", "--", "--help")).toMatch(
    /^Usage: flatmesh kubeconfig /,
  );
});

it("says what to do in a clone without node_modules", async () => {
  const clone = join(folder, "clone");
  mkdirSync(join(clone, "bin"), { recursive: true });
  copyFileSync(join(project, "bin", "flatmesh"), join(clone, "bin", "flatmesh"));
  await expect(call(folder, join(clone, "bin", "flatmesh"), "--version")).rejects.toMatchObject({
    code: 1,
    stderr: `flatmesh has no node_modules yet: run npm ci in ${clone}\n`,
  });
});
