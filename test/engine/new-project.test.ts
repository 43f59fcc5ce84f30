/** `pulumi new` with a copy of this repository, as a clone of it would be. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { projectFolder } from "../../rehearsal/program";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flatmesh-new-project-"));
  const left = ["node_modules", ".flatmesh", ".git"].map((name) => join(projectFolder, name));
  await cp(projectFolder, join(folder, "template"), { recursive: true, filter: (source) => !left.includes(source) });
});
afterAll(() => rm(folder, { recursive: true }));

/** What Pulumi's CLI prints, whether it succeeds or not. */
async function pulumi(project: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "passphrase-of-a-test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  return promisify(execFile)(join(inject("pulumiRoot"), "bin", "pulumi"), [...args, "--non-interactive"], {
    cwd: join(folder, project),
    env,
  }).catch((error: unknown) => error as { stdout: string; stderr: string });
}

// With another name, a project may not declare types for the keys of this one.
test.each(["flatmesh", "acme-mesh"])("makes a project called %s, whose examples are its stacks", async (name) => {
  await mkdir(join(folder, name));
  const { stdout, stderr } = await pulumi(
    name,
    "new",
    join(folder, "template"),
    "--generate-only",
    "--yes",
    "--name",
    name,
  );
  expect(stdout).toContain(`Created project '${name}'`);
  // A CLI that was built from its Go module comes without the plugins of languages, and ends here, with all files written.
  expect(stderr.replace(/^error: failed to load language plugin nodejs: .*\n$/, "")).toBe("");

  const project = parse(await readFile(join(folder, name, "Pulumi.yaml"), "utf8")) as object;
  expect(project).toMatchObject({ name, requiredPulumiVersion: expect.stringMatching(/^>=/) as string });
  expect(project).not.toHaveProperty("template");

  await pulumi(name, "stack", "init", "community");
  await pulumi(name, "config", "set", "network", "mine", "--stack", "community");
  const { stdout: json } = await pulumi(name, "config", "--json", "--stack", "community");
  const config = z.record(z.string(), z.object({ value: z.string() })).parse(JSON.parse(json));
  expect(config).toMatchObject({
    "flatmesh:distribution": { value: "community" },
    [`${name}:network`]: { value: "mine" },
    // Declared by the project.
    [`${name}:addressPool`]: { value: "10.0.0.0/8" },
  });
});
