import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ledger } from "./support/ledger";
import { lines } from "./support/run";
import { settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

/**
 * Every single resource of an environment fails once in an up of its own, refused, and (of a cluster) unready as well. Takes
 * half an hour: failures.test.ts is the sample of it that always runs.
 */
describe("a failure anywhere is completed by the next up", () => {
  let resources: readonly string[];
  beforeAll(async () => {
    const world = await World.open();
    const stack = await TestStack.open(world, settings());
    await stack.up();
    const calls = (await world.calls()).filter(({ preview, method }) => !preview && method === "create");
    resources = calls.map(({ type, name }) => `${type}::${name}`);
    await world.close();
  });

  test("there are resources to fail", () => {
    expect(resources.length).toBeGreaterThan(40);
  });

  describe.each([
    { unready: false, of: /^/ },
    { unready: true, of: /^kubernetes:/ },
  ])("unready: $unready", ({ unready, of }) => {
    let world: World;
    beforeAll(async () => {
      world = await World.open();
    });
    afterAll(() => world.close());

    test("one after the other", { timeout: 3_600_000 }, async () => {
      for (const [index, resource] of resources.filter((each) => of.test(each)).entries()) {
        await world.play({ failures: [{ method: "create", resource: `^${literal(resource)}$`, unready }] });
        await world.newCalls();
        const stack = await TestStack.open(world, settings(), { name: `sweep-${String(index)}` });
        expect(await stack.up(), resource).toMatchObject({ error: expect.any(String) as unknown });
        await world.play({ failures: [] });
        expect(await stack.up(), resource).toMatchObject({ error: undefined });
        expect(ledger(await world.newCalls()).faults, resource).toEqual([]);
        expect(lines((await stack.preview()).steps), resource).toEqual([]);
        expect(await stack.destroy(), resource).toMatchObject({ error: undefined });
      }
    });
  });
});

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
