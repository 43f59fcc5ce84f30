/** What a plan does about what it can't look at: nothing of it is taken to be gone. */
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nodes } from "./support/nodes";
import { lines } from "./support/run";
import { kind, kwok, settings, type StackSettings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world.close();
});

const kindClusters = {
  clusters: [kind("a"), kind("b")],
  loadBalancer: "none",
  demo: false,
};

describe("kind clusters", () => {
  const a = { host: 2, podSubnet: "10.10.0.0/24" };
  const b = { host: 3, podSubnet: "10.20.0.0/24" };

  test("stay as the state has them on another machine, where an up is refused before anything is made", async () => {
    await world.play({ nodes: nodes({ a, b }) });
    const stack = await TestStack.open(world, settings(kindClusters));
    expect((await stack.up()).error).toBeUndefined();
    await world.play({ elsewhere: true });
    expect(await stack.preview()).toMatchObject({ error: undefined, messages: [], steps: [] });
    const { error = "", steps } = await stack.up();
    expect(error).toMatch(
      /This machine has none of the stack's kind clusters: .* Run pulumi up on the machine that has them\./,
    );
    expect(steps).toEqual([]);
    await world.play({ elsewhere: false });
    expect(await stack.up()).toMatchObject({ error: undefined, steps: [] });
  });

  test("go with a destroy on a machine without kind, which a destroy that runs the program says", async () => {
    await world.play({ nodes: nodes({ a, b }) });
    const stack = await TestStack.open(world, settings(kindClusters));
    expect((await stack.up()).error).toBeUndefined();
    const bin = join(world.folder, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "kind"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    vi.stubEnv("PATH", [bin, process.env["PATH"]].join(delimiter));
    const { error = "", steps } = await stack.destroy({ runProgram: true });
    expect(error).toContain("This machine can't make kind clusters yet:\n- the kind command is not on the PATH.");
    expect(error).toContain("To destroy the stack, run pulumi destroy without --run-program");
    expect(steps).toEqual([]);
    expect(await stack.destroy()).toMatchObject({ error: undefined, messages: [] });
    expect([...world.marks().keys()]).toEqual([]);
  });

  test("whose uniqueNames are changed become others with everything inside, and none is left behind", async () => {
    await world.play({ nodes: nodes({ a, b }) });
    const stack = await TestStack.open(world, settings(kindClusters));
    expect((await stack.up()).error).toBeUndefined();
    expect([...world.marks().keys()]).toEqual(["a", "b"]);
    await stack.configure(settings({ ...kindClusters, uniqueNames: true }));
    const plan = await stack.preview();
    expect(lines(plan.steps)).toEqual(
      expect.arrayContaining(["create Command a", "create Release a-istiod", "delete Command a"]),
    );
    expect(plan.messages.map(({ text }) => text).join()).toMatch(
      /uniqueNames asks for another one.* will be recreated/,
    );
    expect((await stack.up()).error).toBeUndefined();
    expect([...world.marks().keys()]).toEqual([
      expect.stringMatching(/^a-[0-9a-f]{6}$/),
      expect.stringMatching(/^b-[0-9a-f]{6}$/),
    ]);
    expect(lines((await stack.preview()).steps)).toEqual([]);
    await stack.configure(settings(kindClusters));
    expect((await stack.up()).error).toBeUndefined();
    expect([...world.marks().keys()]).toEqual(["a", "b"]);
  });
});

describe("a peer stack that can't be found", () => {
  const name = (stack: string) => `organization/flatmesh/${stack}`;
  const east = (peer: string, changes: StackSettings = {}) =>
    settings({
      clusters: [kwok("a")],
      addressPool: "10.0.0.0/12",
      peerStacks: [name(peer)],
      root: { generate: { issueFor: ["b"] } },
      demo: false,
      ...changes,
    });
  const west = (changes: StackSettings = {}) =>
    settings({
      clusters: [kwok("b")],
      addressPool: "10.16.0.0/12",
      peerStacks: [name("east")],
      root: { stack: name("east") },
      demo: false,
      ...changes,
    });

  test.each([
    ["solo", {}],
    ["solo, linked by the chart", { linkMethod: "chart", istioVersion: "1.29.0", repoKey: undefined }],
    ["community", { distribution: "community", license: undefined, repoKey: undefined }],
  ])("keeps its links in a plan (%s), and an up is refused before anything is made", async (_, distribution) => {
    const one = await TestStack.open(world, east("west", distribution), { name: "east" });
    expect((await one.up()).error).toBeUndefined();
    const other = await TestStack.open(world, west(distribution), { name: "west" });
    expect((await other.up()).error).toBeUndefined();
    expect((await one.up()).error).toBeUndefined();
    expect(lines((await one.preview()).steps)).toEqual([]);

    await one.configure(east("wset", distribution));
    const plan = await one.preview();
    expect(plan.error).toBeUndefined();
    expect(lines(plan.steps)).toEqual([]);
    expect(plan.messages.map(({ text }) => text).join()).toMatch(
      /there is no stack organization\/flatmesh\/wset, .* This plan leaves those links as they are; pulumi up would be refused\./,
    );
    const { error = "", steps } = await one.up();
    expect(error).toMatch(/there is no stack organization\/flatmesh\/wset, .* Nothing was changed\./);
    expect(steps).toEqual([]);
    await one.configure(east("west", distribution));
    expect(lines((await one.up()).steps)).toEqual([]);
  });
});

describe("FLATMESH_OFFLINE", () => {
  test("has a plan look at nothing and say so, and an up refused", async () => {
    const kubeconfig = await world.found("c");
    const a = { host: 2, podSubnet: "10.10.0.0/24" };
    await world.play({ nodes: nodes({ a }) });
    const clusters = [kind("a"), { name: "c", provisioner: "existing", kubeconfig }];
    const existingByContext = { name: "c", provisioner: "existing", context: "c" };
    const stack = await TestStack.open(world, settings({ clusters, loadBalancer: "none" }));
    vi.stubEnv("FLATMESH_OFFLINE", "true");
    const first = await stack.preview();
    expect(first.error).toBeUndefined();
    expect((await world.newCalls()).filter(({ method }) => method === "invoke")).toEqual([]);
    expect(world.requests).toEqual([]);
    vi.stubEnv("FLATMESH_OFFLINE", "");
    expect((await stack.up()).error).toBeUndefined();

    vi.stubEnv("FLATMESH_OFFLINE", "true");
    await world.play({ elsewhere: true });
    await world.newCalls();
    const asked = world.requests.length;
    const plan = await stack.preview();
    expect(plan.error).toBeUndefined();
    expect(lines(plan.steps)).toEqual([]);
    expect(plan.printed).toMatch(
      /FLATMESH_OFFLINE=true: this plan was made without looking at what stands in cluster c, this machine's kind clusters/,
    );
    expect(world.requests.length).toBe(asked);
    // Nor is a kubeconfig needed, which whoever previews a fork may not have. Without one in the settings it leaves the state.
    await stack.configure(settings({ clusters: [clusters[0], existingByContext], loadBalancer: "none" }));
    const without = await stack.preview();
    expect(without.error).toBeUndefined();
    expect(lines(without.steps)).toEqual([
      "update Command c-demo-namespace",
      "update Command c-istio-eastwest-namespace",
      "update Command c-istio-system-namespace",
      "update Command c-remains",
      "update kubernetes c",
    ]);
    expect((await world.newCalls()).filter(({ method }) => method === "invoke")).toEqual([]);
    expect((await stack.up()).error).toMatch(/FLATMESH_OFFLINE=true is for previews/);
    vi.stubEnv("FLATMESH_OFFLINE", "yes");
    expect((await stack.preview()).error).toMatch(/FLATMESH_OFFLINE is neither true nor false/);
  });
});
