/**
 * `npm run record`: records what the version in package.json leaves of each environment, for later versions to be tested
 * with (see recorded.ts). What is there already is never recorded again: it is what that version has left.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { version } from "../../../package.json";
import { projectFolder } from "../../../rehearsal/program";
import { TestStack } from "../support/stack";
import { World } from "../support/world";
import { environments } from "./environments";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

test.each(Object.entries(environments))("%s", async (name, { stacks, found = [], script = {} }) => {
  await world.play(script);
  const kubeconfigs = new Map<string, string>();
  for (const cluster of found) {
    kubeconfigs.set(cluster, await world.found(cluster));
  }
  const opened = new Map<string, TestStack>();
  for (const [stack, settings] of Object.entries(stacks)) {
    const own = settings((cluster) => kubeconfigs.get(cluster) ?? "");
    opened.set(stack, await TestStack.open(world, own, { name: stack }));
  }
  // With the second update a stack knows the peers that came after it.
  for (const stack of [...opened.values(), ...opened.values()]) {
    expect((await stack.up()).error).toBeUndefined();
  }
  const deployments: Record<string, unknown> = {};
  for (const [stack, deployed] of opened) {
    deployments[stack] = await deployed.deployment();
  }
  const text = JSON.stringify({ clusters: Object.fromEntries(world.marks()), deployments })
    .replaceAll(world.apiServers, "http://API-SERVERS")
    .replaceAll(world.folder, "/WORLD")
    // Where the engine has seen a resource declared.
    .replaceAll(projectFolder, "/PROJECT");
  mkdirSync(join(__dirname, version), { recursive: true });
  writeFileSync(join(__dirname, version, `${name}.json.gz`), gzipSync(text, { level: 9 }), { flag: "wx" });
});
