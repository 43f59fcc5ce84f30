/**
 * Records what this version of the program leaves of each environment (see environments.ts), for the versions that follow:
 * `npm run record`, once for each release, into a folder named after the version in package.json.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { z } from "zod";
import { lines } from "../support/run";
import { TestStack } from "../support/stack";
import { World } from "../support/world";
import { type Environment, environments } from "./environments";

const root = join(__dirname, "..", "..", "..");
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
const folder = join(__dirname, version);

test.each(Object.entries(environments))("records %s", async (name, environment) => {
  const world = await World.open();
  try {
    const recorded = JSON.stringify(await deploy(world, environment))
      .replaceAll(world.apiServers, "http://API-SERVERS")
      .replaceAll(world.folder, "/WORLD")
      // A state says where in the program each resource is declared.
      .replaceAll(root, "/PROGRAM");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.json.gz`), gzipSync(recorded, { level: 9 }));
  } finally {
    await world.close();
  }
});

/** Deploys the stacks of an environment until no plan has anything more to do. */
async function deploy(world: World, { stacks, found = [], script = {} }: Environment) {
  await world.play(script);
  const kubeconfigs = new Map<string, string>();
  for (const cluster of found) {
    kubeconfigs.set(cluster, await world.found(cluster));
  }
  const opened = new Map<string, TestStack>();
  for (const [name, settings] of Object.entries(stacks)) {
    const stack = await TestStack.open(
      world,
      settings((cluster) => kubeconfigs.get(cluster) ?? ""),
      { name },
    );
    opened.set(name, stack);
    expect((await stack.up()).error).toBeUndefined();
  }
  // The first of two that peer did not see the second at its first update.
  for (const stack of opened.values()) {
    expect((await stack.up()).error).toBeUndefined();
  }
  const deployments: Record<string, unknown> = {};
  for (const [name, stack] of opened) {
    expect(lines((await stack.preview()).steps)).toEqual([]);
    deployments[name] = await stack.deployment();
  }
  return { clusters: Object.fromEntries(world.marks()), deployments };
}
