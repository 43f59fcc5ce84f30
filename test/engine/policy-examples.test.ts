/**
 * The pack over the first plan of every example, on kwok clusters as a rehearsal would have it: whatever `Pulumi.<stack>.yaml`
 * there is, it is among them. The values that a plan doesn't know are as unknown as in a pull request.
 */
import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { projectFolder } from "../../rehearsal/program";
import { rehearsedSettings } from "../../rehearsal/settings";
import { readStackFile } from "../../rehearsal/stack-file";
import { licence, settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

const stacks = readdirSync(projectFolder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);

let world: World;
beforeAll(async () => {
  world = await World.open();
  // Where Pulumi's own CLI has its language host.
  const folders = [join(__dirname, "policy"), join(inject("pulumiRoot"), "bin"), process.env["PATH"] ?? ""];
  vi.stubEnv("PATH", folders.join(delimiter));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await world.close();
});

it.each(stacks)("has nothing against Pulumi.%s.yaml", async (name) => {
  const { config } = rehearsedSettings((await readStackFile(projectFolder, name)).keys, projectFolder);
  const { gatewayApi } = settings();
  const given = { ...config, gatewayApi, ...(config["license"] !== undefined && { license: licence }) };
  const stack = await TestStack.open(world, given, { name });
  const run = await stack.preview({ policyPacks: [join(projectFolder, "policy")] });
  expect(run).toMatchObject({ error: undefined, violations: [] });
  expect(run.steps.length).toBeGreaterThan(30);
});
