import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lines } from "./support/run";
import { kwok, settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

describe("an environment on clusters of this machine", () => {
  let world: World;
  let stack: TestStack;
  beforeAll(async () => {
    world = await World.open();
    stack = await TestStack.open(world, settings({ clusters: [kwok("a"), kwok("b")], uniqueNames: true }));
    expect(await stack.up()).toMatchObject({ error: undefined });
  });
  afterAll(() => world.close());

  test("knows unique names by a suffix that stays", async () => {
    const made = (await world.calls()).filter(({ method, subject }) => method === "create" && subject.includes("@"));
    expect(made.map(({ subject }) => subject).sort()).toEqual([
      expect.stringMatching(/^a-[0-9a-f]{6}@[0-9a-f]{8}$/),
      expect.stringMatching(/^b-[0-9a-f]{6}@[0-9a-f]{8}$/),
    ]);
    expect((await stack.outputs()).clusters?.value).toMatchObject({ a: { network: "flat-network" } });
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });

  test("takes a kubeconfig with other bytes for the same cluster", async () => {
    const before = await stack.outputs();
    // As a state has it that another version of the program has left: its create script runs again.
    await stack.rewrite((deployment) => deployment.replaceAll("# Makes the kwok cluster", "# Made the kwok cluster"));
    // A plan does not know the new bytes yet, so it cannot compare; but it does not take the cluster for another one.
    expect(new Set((await stack.preview()).steps.map(({ op }) => op))).toEqual(new Set(["update"]));
    expect(lines((await stack.up()).steps)).toEqual([
      "update Command a",
      "update Command b",
      "update kubernetes a",
      "update kubernetes b",
    ]);
    // Nobody else has it.
    expect(await stack.outputs()).toEqual(before);
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });

  test("can be destroyed when its clusters have gone already", async () => {
    const made = (await world.calls()).flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster]));
    for (const cluster of new Set(made)) {
      await world.lose(cluster);
    }
    await world.newCalls();
    expect(await stack.destroy()).toMatchObject({ error: undefined, messages: [] });
    expect((await world.newCalls()).filter(({ cluster }) => cluster !== undefined)).toEqual([]);
    expect(await stack.resources()).toEqual([]);
  });
});
