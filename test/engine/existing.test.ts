import { afterEach, beforeEach, expect, test } from "vitest";
import { lines } from "./support/run";
import { existing, settings, type StackSettings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
let mine: (changes?: StackSettings) => StackSettings;
beforeEach(async () => {
  world = await World.open();
  const clusters = [existing("a", await world.found("a"))];
  mine = (changes = {}) => settings({ clusters, demo: false, ...changes });
});
afterEach(() => world.close());

const namespace = (name: string, labels: object = {}) =>
  [`/api/v1/namespaces/${name}`, { metadata: { name, labels } }] as const;

test("what was there before stays somebody else's, and what was made the stack's, whatever there is by now", async () => {
  world.objects.set("a", new Map([namespace("istio-system")]));
  const stack = await TestStack.open(world, mine());
  const plan = await stack.preview();
  expect(plan.error).toBeUndefined();
  const run = await stack.up();
  expect(lines(run.steps)).toEqual(lines(plan.steps));
  expect(lines(run.steps).filter((line) => line.includes("Namespace"))).toEqual([
    "create Namespace a-istio-eastwest",
    "create NamespacePatch a-istio-system",
  ]);

  // By now all of it is there.
  world.objects.set("a", new Map([namespace("istio-system"), namespace("istio-eastwest")]));
  expect(lines((await stack.preview()).steps)).toEqual([]);
  await world.newWork();
  expect((await stack.destroy()).error).toBeUndefined();
  const gone = (await world.newWork()).map(({ type, name }) => `${type.replace(/^.*:/, "")} ${name}`);
  // The definitions are not deleted as resources: the last step looks whether somebody uses them.
  expect(gone.filter((thing) => thing.includes("Definition"))).toEqual([]);
  // A namespace that the stack has made is not deleted as a resource either: something of somebody else's may be in it.
  expect(gone).toContain("Command a-istio-eastwest-namespace");
  expect(gone).not.toContain("Namespace a-istio-eastwest");
  expect(gone.slice(-2).sort()).toEqual(["Command a-remains", "NamespacePatch a-istio-system"]);
  expect(gone.at(-1)).toBe("Command a-remains");
});

test("a failed first update takes nothing that it has made for somebody else's", async () => {
  await world.play({ failures: [{ method: "create", resource: "Release::a-istio-base$" }] });
  const stack = await TestStack.open(world, mine());
  expect((await stack.up()).error).toBeDefined();
  world.objects.set("a", new Map([namespace("istio-system", { "topology.istio.io/network": "flat-network" })]));
  await world.play({ failures: [] });
  const run = await stack.up();
  expect(run.error).toBeUndefined();
  expect(lines(run.steps).filter((line) => line.includes("Namespace"))).toEqual(["create Namespace a-istio-eastwest"]);
});

test("a cluster with another mesh in it is refused before anything is made, in a plan as well", async () => {
  const deployments = "/apis/apps/v1/deployments?labelSelector=app=istiod";
  const istiod = { metadata: { name: "istiod", namespace: "istio-system" } };
  world.objects.set("a", new Map([[deployments, { items: [istiod] }]]));
  const stack = await TestStack.open(world, mine());
  for (const run of [await stack.preview(), await stack.up()]) {
    expect(run.error).toMatch(/cluster a: it has an Istio control plane already \(Deployment istio-system\/istiod\)/);
  }
  expect(await world.newCalls()).toEqual([]);
});

test("a cluster that does not answer stops nothing that is not in it", async () => {
  const stack = await TestStack.open(world, mine());
  expect((await stack.up()).error).toBeUndefined();
  const unreachable = mine();
  const text = JSON.stringify(unreachable).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "http://127.0.0.1:1");
  await stack.configure(JSON.parse(text) as StackSettings);
  const run = await stack.preview();
  expect(run.error).toBeUndefined();
  expect(run.messages).toContainEqual({
    severity: "warning",
    text: expect.stringMatching(/^Cluster a can't be looked at: .*ECONNREFUSED/) as unknown,
  });
  // Nothing in the cluster but what holds its kubeconfig.
  expect(lines(run.steps).map((line) => line.replace(/^update /, ""))).toEqual([
    "Command a-istio-eastwest-namespace",
    "Command a-istio-system-namespace",
    "Command a-remains",
    "kubernetes a",
  ]);
});
