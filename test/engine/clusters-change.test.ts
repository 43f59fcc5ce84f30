import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ledger } from "./support/ledger";
import { nodes } from "./support/nodes";
import { lines, nameOf, typeName, withoutIdentity } from "./support/run";
import { kind, settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

const [a, b, c] = [kind("a"), kind("b"), kind("c")];

const machines = {
  a: { host: 2, podSubnet: "10.10.0.0/24" },
  b: { host: 3, podSubnet: "10.20.0.0/24" },
  c: { host: 4, podSubnet: "10.30.0.0/24" },
};

/** What changes elsewhere when cluster b becomes another one: who links to it, and the routes to its nodes. */
const aroundB = [
  "update Command a-routes",
  "update Command c-routes",
  "update Gateway a-peer-b",
  "update Gateway c-peer-b",
];

describe("an environment of three clusters", () => {
  let world: World;
  let stack: TestStack;
  let inB: readonly string[];

  beforeAll(async () => {
    world = await World.open();
    await world.play({
      nodes: nodes(machines),
    });
    stack = await TestStack.open(world, settings({ clusters: [a, b] }));
    expect(await stack.up()).toMatchObject({ error: undefined });
  });
  afterAll(() => world.close());

  test("one more cluster adds itself and its links", async () => {
    await stack.configure(settings({ clusters: [a, b, c] }));
    const run = await stack.up();
    expect(run).toMatchObject({ error: undefined, messages: [] });
    const steps = lines(run.steps);
    expect(steps.filter((step) => !isOf("c", step))).toEqual([
      "create Gateway a-peer-c",
      "create Gateway b-peer-c",
      "update Command a-routes",
      "update Command b-routes",
    ]);
    expect(steps.filter((step) => isOf("c", step) && !step.startsWith("create "))).toEqual([]);
    // What a plan would say of the same things.
    inB = lines((await stack.resources()).map(({ type, urn }) => ({ op: "", type, urn, name: nameOf(urn) })))
      .map((line) => line.trim())
      .filter((thing) => isOf("b", `is ${thing}`) && !thing.includes("intermediate"));
    expect(inB.length).toBeGreaterThan(20);
  });

  const changes: readonly (readonly [name: string, more: object])[] = [
    ["pod subnet", { podSubnet: "10.99.0.0/16" }],
    ["node image", { nodeImage: "kindest/node:v1.34.0" }],
    ["number of nodes", { workers: 1 }],
  ];
  test.each(changes)("another %s is planned as a new cluster with everything in it", async (_, more) => {
    await stack.configure(settings({ clusters: [a, { ...b, ...more }, c] }));
    const { steps, same } = await stack.preview();
    expectRebuilt(lines(steps), lines(same));
  });

  test("one up rebuilds it, though the first try fails in the middle", async () => {
    const rebuilt = settings({ clusters: [a, kind("b", { podSubnet: "10.99.0.0/16" }), c] });
    await stack.configure(rebuilt);
    await world.play({
      nodes: nodes({ ...machines, b: { host: 8, podSubnet: "10.99.0.0/24" } }),
      addresses: { b: "192.0.2.8" },
      failures: [{ method: "create", resource: "Release::b-[0-9a-f]{8}-istio-cni$" }],
    });
    await world.newCalls();
    expect(await stack.up()).toMatchObject({ error: expect.any(String) as unknown });
    await world.play({ failures: [] });
    expect(await stack.up()).toMatchObject({ error: undefined });
    const work = await world.newWork();
    expect(
      work
        .map(({ method, type, name }) => `${method} ${typeName(type)} ${withoutIdentity(name)}`)
        .filter((call) => !isOf("b", call))
        .sort(),
    ).toEqual(aroundB);
    const { clusters, faults } = ledger(await world.calls());
    expect(faults).toEqual([]);
    const things = (cluster: string) =>
      [...(clusters.get(cluster) ?? [])].filter((thing) => !thing.includes("-peer-")).sort();
    expect(things("b")).toEqual(things("a"));
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });

  test("a failed rebuild that is taken back leaves no hole: the cluster of before is made anew", async () => {
    const before = settings({ clusters: [a, kind("b", { podSubnet: "10.99.0.0/16" }), c] });
    await stack.configure(settings({ clusters: [a, kind("b", { podSubnet: "10.98.0.0/16" }), c] }));
    await world.play({ failures: [{ method: "create", resource: ":Command::b-[0-9a-f]{8}$" }] });
    expect(await stack.up()).toMatchObject({ error: expect.any(String) as unknown });
    // The creation removes the old one before it makes the new.
    await world.lose("b");
    await world.play({ failures: [], nodes: nodes({ ...machines, b: { host: 9, podSubnet: "10.99.0.0/24" } }) });
    await stack.configure(before);
    const plan = await stack.preview();
    expectRebuilt(lines(plan.steps), lines(plan.same));
    await expectMadeAnew();
    expect(await stack.preview()).toMatchObject({ steps: [], messages: [] });
  });

  test("a cluster that was deleted by hand is made anew by a plain up, and once more", async () => {
    await world.lose("b");
    await world.play({ nodes: nodes({ ...machines, b: { host: 5, podSubnet: "10.99.0.0/24" } }) });
    await expectMadeAnew();
  });

  test("one cluster less takes itself and its links away, a failure on the way notwithstanding", async () => {
    await stack.configure(settings({ clusters: [a, kind("b", { podSubnet: "10.99.0.0/16" })] }));
    await world.newCalls();
    await world.play({ failures: [{ method: "delete", resource: "Gateway::a-[0-9a-f]{8}-peer-c$" }] });
    expect(await stack.up()).toMatchObject({ error: expect.any(String) as unknown });
    await world.play({ failures: [] });
    expect(await stack.up()).toMatchObject({ error: undefined });
    expect((await world.newWork()).map(({ method, name }) => `${method} ${withoutIdentity(name)}`).sort()).toEqual([
      "delete a-peer-c",
      "delete b-peer-c",
      "delete c",
      "update a-routes",
      "update b-routes",
    ]);
    expect(world.has("c")).toBe(false);
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });

  /** An up makes b anew, with everything in it, and says why. */
  async function expectMadeAnew(): Promise<void> {
    const run = await stack.up();
    expect(run).toMatchObject({
      error: undefined,
      messages: [{ severity: "warning", text: expect.stringContaining("Kind cluster b no longer exists") as unknown }],
    });
    // Its Gateway has the address of before.
    expectRebuilt(lines(run.steps), lines(run.same), ["update Command a-routes", "update Command c-routes"]);
    expect(world.has("b")).toBe(true);
    expect(ledger(await world.calls()).faults).toEqual([]);
  }

  /** Everything in b is made anew and the old goes; elsewhere only what points at b changes. */
  function expectRebuilt(steps: readonly string[], same: readonly string[], around: readonly string[] = aroundB): void {
    expect(steps.filter((step) => isOf("b", step))).toEqual(
      [...inB.map((thing) => `create ${thing}`), ...inB.map((thing) => `delete ${thing}`)].sort(),
    );
    expect(same.filter((step) => isOf("b", step) && !step.includes("intermediate"))).toEqual([]);
    expect(steps.filter((step) => !isOf("b", step))).toEqual(around);
  }
});

/** Whether a line tells of a thing in, or of, a cluster. */
function isOf(cluster: string, line: string): boolean {
  return new RegExp(`^\\S+ \\S+ ${cluster}(-|$)`).test(line);
}
