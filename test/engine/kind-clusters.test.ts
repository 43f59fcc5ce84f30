import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Called } from "./echo/world";
import { nodes } from "./support/nodes";
import { lines, type Run, scopeOf, withoutIdentity } from "./support/run";
import { kind, settings } from "./support/settings";
import { type StateResource, TestStack } from "./support/stack";
import { forgotten, World } from "./support/world";

const a = { host: 2, podSubnet: "10.10.0.0/24" };
const b = { host: 3, podSubnet: "10.20.0.0/24" };

/** One environment from its first plan to its end; each step stands on the one before. */
describe("the life of an environment on kind clusters", () => {
  let world: World;
  let stack: TestStack;
  beforeAll(async () => {
    world = await World.open();
    await world.play({
      nodes: nodes({ a, b }),
      together: { resource: ":Command::[ab]-[0-9a-f]{8}$", count: 2 },
      // Time enough for a link to begin, if it did not wait for the routes.
      delays: [{ resource: "-routes$", milliseconds: 500 }],
    });
    stack = await TestStack.open(world, settings({ clusters: [kind("a"), kind("b")] }));
  });
  afterAll(() => world.close());

  test("the first plan names everything, runs no command and asks no cluster", async () => {
    const plan = await stack.preview();
    expect(plan).toMatchObject({ error: undefined, same: [] });
    expect(lines(plan.steps)).toEqual(
      expect.arrayContaining(["create Command a", "create Release b-istiod", "create Gateway a-peer-b"]),
    );
    expect(plan.steps.filter(({ op }) => op !== "create")).toEqual([]);
    const calls = await world.newCalls();
    expect(calls.filter(({ preview }) => !preview)).toEqual([]);
    // What it looks up is what images the machine has.
    expect(calls.filter(({ method, subject }) => method === "invoke" && subject !== "")).toEqual([]);
    expect(calls.filter(({ type, cluster }) => type.startsWith("kubernetes:") && cluster !== undefined)).toEqual([]);
    expect(world.requests).toEqual([]);
  });

  describe("the first up", () => {
    let run: Run;
    let calls: readonly Called[];
    let resources: readonly StateResource[];
    beforeAll(async () => {
      run = await stack.up();
      calls = await world.newCalls();
      resources = await stack.resources();
    });

    test("succeeds without a warning", () => {
      expect(run).toMatchObject({ error: undefined, messages: [] });
    });

    test("makes the clusters side by side, then all routes, and links the clusters only then", () => {
      const created = calls.filter(({ method }) => method === "create");
      const clusters = created.filter(({ subject }) => subject.includes("@"));
      const routes = created.filter(({ name }) => name.endsWith("-routes"));
      // That they are made side by side the world has seen to: neither was done before the other had begun.
      const begin = (some: readonly Called[]) => Math.min(...some.map(({ start }) => start));
      const end = (some: readonly Called[]) => Math.max(...some.map((call) => call.end));
      expect([clusters.length, routes.length]).toEqual([2, 2]);
      expect(end(clusters)).toBeLessThanOrEqual(begin(routes));
      const links = created.filter(({ name }) => /-peer-[ab]$/.test(name));
      expect(links).toHaveLength(2);
      expect(end(routes)).toBeLessThanOrEqual(begin(links));
    });

    test("itself asks a cluster only to forget Helm's record of what it is about to make", () => {
      expect(forgotten(world)).toEqual(
        ["a", "b"].flatMap((cluster) =>
          ["istio-base", "istio-cni", "istiod", "ztunnel"].map((release) => `${cluster} owner=helm,name=${release}`),
        ),
      );
    });

    test("gives every Kubernetes resource the provider of its own cluster", () => {
      const inside = resources.filter(({ type }) => type.startsWith("kubernetes:"));
      expect(inside.length).toBeGreaterThan(30);
      for (const { urn, provider } of inside) {
        expect(provider, urn).toContain(`pulumi:providers:kubernetes::${String(scopeOf(urn))}::`);
      }
    });

    test("binds everything inside a cluster to the end of that cluster", () => {
      const inside = resources.filter(({ urn, type, custom }) => custom && isInside(urn, type));
      expect(inside.length).toBeGreaterThan(30);
      for (const { urn, deletedWith } of inside) {
        expect(deletedWith, urn).toMatch(new RegExp(`command:local:Command::${String(scopeOf(urn))}$`));
      }
    });
  });

  test("a second plan is silent", async () => {
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });

  test("a node with another address changes the routes to it", async () => {
    await world.play({ nodes: nodes({ a: { ...a, host: 9 }, b }) });
    expect(lines((await stack.preview()).steps)).toEqual(["update Command b-routes"]);
  });

  test("nodes that have exchanged addresses in a restart get all their routes anew, and nothing else", async () => {
    await world.newCalls();
    await world.play({
      nodes: nodes({ a: { ...b, podSubnet: a.podSubnet, starts: 2 }, b: { ...a, podSubnet: b.podSubnet, starts: 2 } }),
    });
    expect(lines((await stack.up()).steps)).toEqual(["update Command a-routes", "update Command b-routes"]);
    const work = await world.newWork();
    expect(work.map(({ method, name }) => `${method} ${withoutIdentity(name)}`).sort()).toEqual([
      "update a-routes",
      "update b-routes",
    ]);
  });

  test("a restart alone does so too", async () => {
    await world.play({
      nodes: nodes({ a: { ...b, podSubnet: a.podSubnet, starts: 3 }, b: { ...a, podSubnet: b.podSubnet, starts: 2 } }),
    });
    expect(lines((await stack.preview()).steps)).toEqual(["update Command a-routes"]);
  });

  test("a destroy takes the clusters away and calls none of them", async () => {
    await world.newCalls();
    expect(await stack.destroy()).toMatchObject({ error: undefined, messages: [] });
    const calls = (await world.newCalls()).filter(({ preview }) => !preview);
    expect(calls.filter(({ cluster }) => cluster !== undefined)).toEqual([]);
    expect([world.has("a"), world.has("b")]).toEqual([false, false]);
    expect(await stack.resources()).toEqual([]);
  });
});

/** Whether it is in a cluster, or on its nodes. */
function isInside(urn: string, type: string): boolean {
  return (
    /^(kubernetes|pulumi:providers:kubernetes)/.test(type) ||
    (type === "command:local:Command" && urn.endsWith("-routes"))
  );
}
