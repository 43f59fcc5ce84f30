import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodes } from "./support/nodes";
import { lines } from "./support/run";
import { kind, settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

const machine = nodes({ a: { host: 2, podSubnet: "10.10.0.0/24" }, b: { host: 3, podSubnet: "10.20.0.0/24" } });
const clusterB = ":Command::b-[0-9a-f]{8}$";

describe.each(["solo", "community"])("a kind cluster beside another one, distribution %s", (distribution) => {
  let world: World;
  let stack: TestStack;
  beforeEach(async () => {
    world = await World.open();
    const { license, repoKey, ...common } = settings({ clusters: [kind("a"), kind("b")], distribution });
    stack = await TestStack.open(world, distribution === "solo" ? { ...common, license, repoKey } : common);
  });
  afterEach(() => world.close());

  test("has its mesh while the other one is still being created", async () => {
    // Neither call goes on before the other one has begun.
    await world.play({
      nodes: machine,
      together: { resource: `(${clusterB}|:Release::a-[0-9a-f]{8}-ztunnel$)`, count: 2 },
    });
    expect(await stack.up()).toMatchObject({ error: undefined, messages: [] });
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });

  test("lets the next up complete both where the other one could not be created", async () => {
    await world.play({ nodes: machine, failures: [{ method: "create", resource: clusterB }] });
    expect(await stack.up()).toMatchObject({ error: expect.stringContaining("create fail") as unknown });
    await world.play({ failures: [] });
    expect(await stack.up()).toMatchObject({ error: undefined, messages: [] });
    expect(lines((await stack.preview()).steps)).toEqual([]);
    expect(await stack.destroy()).toMatchObject({ error: undefined, messages: [] });
    expect(await stack.resources()).toEqual([]);
  });
});
