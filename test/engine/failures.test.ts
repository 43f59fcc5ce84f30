import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Failure } from "./echo/world";
import { ledger } from "./support/ledger";
import { lines } from "./support/run";
import { settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

const of = (cluster: string, type: string, name = "") => `:${type}::${cluster}-[0-9a-f]{8}${name}$`;

/** Ever later in an up. An unready thing was made, and only then reported as failed. */
const failures: readonly (readonly [what: string, failure: Failure])[] = [
  ["the root's key", { method: "create", resource: "PrivateKey::root$" }],
  ["a cluster", { method: "create", resource: of("b", "Command") }],
  ["the mesh's namespace", { method: "create", resource: of("a", "Namespace", "-istio-system"), unready: true }],
  ["certificates", { method: "create", resource: of("a", "Secret", "-cacerts") }],
  ["a definition", { method: "create", resource: of("b", "CustomResourceDefinition", "-gateways.*"), unready: true }],
  ["a chart that is refused", { method: "create", resource: of("b", "Release", "-istio-base") }],
  ["a chart that times out", { method: "create", resource: of("a", "Release", "-istiod"), unready: true }],
  [
    "an east-west Gateway without address",
    { method: "create", resource: of("a", "Gateway", "-istio-eastwest"), unready: true },
  ],
  ["a peer", { method: "create", resource: of("b", "Gateway", "-peer-a") }],
  ["a part of the demo", { method: "create", resource: of("a", "Deployment", "-sleep"), unready: true }],
];

describe("an up that fails", () => {
  let world: World;
  let stack: TestStack;
  beforeAll(async () => {
    world = await World.open();
    stack = await TestStack.open(world, settings());
  });
  afterAll(() => world.close());

  test.each(failures)("at %s says so", async (what, failure) => {
    const later = failures.slice(failures.findIndex(([name]) => name === what) + 1);
    // What comes later may not get ahead, and what is independent shall not wait.
    await world.play({ failures: [failure, ...later.map(([, { method, resource }]) => ({ method, resource }))] });
    await world.newCalls();
    const run = await stack.up({ continueOnError: true });
    expect(run.error).toBeDefined();
    expect(run.messages.map(({ text }) => text).join("\n")).toContain("the test's world has create fail");
    const calls = await world.newCalls();
    const failed = calls.filter(({ type, name }) => new RegExp(failure.resource).test(`${type}::${name}`));
    expect(failed.filter(({ preview }) => !preview).map(({ outcome }) => outcome)).toEqual([
      failure.unready ? "unready" : "refused",
    ]);
  });

  test("is completed by the next one, with no second copy of anything", async () => {
    await world.play({ failures: [] });
    expect(await stack.up()).toMatchObject({ error: undefined, messages: [] });
    expect(lines((await stack.preview()).steps)).toEqual([]);
    const { clusters, faults } = ledger(await world.calls());
    expect(faults).toEqual([]);
    const things = (await stack.resources()).filter(({ type }) => type.startsWith("kubernetes:"));
    expect([...clusters.values()].reduce((sum, objects) => sum + objects.size, 0)).toBe(things.length);
  });

  test("can be destroyed as well, in two tries", async () => {
    await world.play({ failures: [{ method: "delete", resource: of("b", "Command") }] });
    expect(await stack.destroy()).toMatchObject({ error: expect.any(String) as unknown });
    await world.play({ failures: [] });
    expect(await stack.destroy()).toMatchObject({ error: undefined });
    expect([world.has("a"), world.has("b")]).toEqual([false, false]);
    expect(await stack.resources()).toEqual([]);
  });
});
