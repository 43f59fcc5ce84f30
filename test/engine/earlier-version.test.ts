/** Stacks that an earlier version has deployed: this one takes them as they are, and moves them over with the next `up`. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundledDefinitions } from "../../preflight/gateway-api";
import { environments } from "./earlier/environments";
import { recorded } from "./earlier/recorded";
import { lines, type Run, withoutIdentity } from "./support/run";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

/** What a plan makes, replaces or deletes; updates are what is expected, and components that this version groups resources by. */
const beyondUpdates = ({ steps }: Run) => [
  ...lines(steps.filter(({ op, name }) => op !== "update" && !name.startsWith("default_"))),
  ...components(steps).filter(([op]) => op !== "update" && op !== "create"),
];

/** The steps of components. */
const components = (steps: Run["steps"]) =>
  steps.filter(({ type }) => type.startsWith("flatmesh:")).map(({ op, type, name }) => [op, type, name]);

/** New in this version. */
const owner = "create RandomId owner";

test.each<[environment: string, beyond: Readonly<Record<string, readonly string[]>>]>([
  ["kind", { test: [owner] }],
  ["kind-community", { test: [owner, "delete Secret a-istio-reader-token-1", "delete Secret b-istio-reader-token-1"] }],
  ["existing", { test: [] }],
  ["rotation", { test: [owner] }],
  ["peers", { first: [owner], second: [owner] }],
])("of version 0.1, %s: nothing is replaced, deleted or rebuilt", async (name, beyond) => {
  const stacks = await deployed(name);
  const before = world.marks();
  for (const [stack, test] of stacks) {
    const plan = await test.preview();
    expect([plan.error, beyondUpdates(plan)]).toEqual([undefined, beyond[stack]]);
    const run = await test.up();
    expect([run.error, beyondUpdates(run)]).toEqual([undefined, beyond[stack]]);
  }
  expect(world.marks()).toEqual(before);
  // The one that was first has the other one's new outputs by now, as peers have them.
  for (const [, test] of stacks) {
    expect((await test.up()).error).toBeUndefined();
  }
  for (const [, test] of stacks) {
    const { steps } = await test.preview();
    expect([...lines(steps), ...components(steps)]).toEqual([]);
  }
  await world.newWork();
  for (const [, test] of [...stacks].reverse()) {
    if (name === "peers" && test.fullName.endsWith("/first")) {
      await test.unprotect("root");
    }
    expect((await test.destroy()).error).toBeUndefined();
    expect(await test.resources()).toEqual([]);
  }
});

test.each(Object.keys(environments))("of version 0.2, %s: nothing is replaced, deleted or made", async (name) => {
  for (const [stack, test] of await deployed(name, "0.2.0")) {
    const plan = await test.preview();
    expect([stack, plan.error, beyondUpdates(plan)]).toEqual([stack, undefined, []]);
  }
});

test("of version 0.2, without a release of the Gateway API: it follows Istio, and nothing is replaced or deleted", async () => {
  for (const [stack, test] of await deployed("kind-community", "0.2.0")) {
    const settings = environments["kind-community"]?.stacks[stack]?.(() => "") ?? {};
    await test.configure({ ...settings, gatewayApi: {} });
    const plan = await test.preview();
    const definitions = bundledDefinitions("v1.6.0");
    const recorded = ["gatewayclasses", "gateways"].map((plural) => `${plural}.gateway.networking.k8s.io`);
    const added = definitions.map(({ metadata }) => metadata.name).filter((name) => !recorded.includes(name));
    expect([plan.error, beyondUpdates(plan)]).toEqual([
      undefined,
      ["a", "b"].flatMap((cluster) => added.map((name) => `create CustomResourceDefinition ${cluster}-${name}`)),
    ]);
  }
});

test("of version 0.1, kwok: its clusters, which listen to everybody, are rebuilt with what is in them", async () => {
  const stacks = await deployed("kwok");
  const before = world.marks();
  for (const [, test] of stacks) {
    const { error, steps } = await test.up();
    expect(error).toBeUndefined();
    expect(lines(steps)).toEqual(expect.arrayContaining(["create Command a", "delete Command a", owner]));
    // What is in no cluster stays.
    const replaced = steps.filter(({ type }) => type.startsWith("tls:"));
    expect(replaced.map(({ name }) => withoutIdentity(name))).toEqual([]);
    expect(lines((await test.preview()).steps)).toEqual([]);
  }
  const after = world.marks();
  expect([...after.keys()]).toEqual([...before.keys()]);
  expect([...after].filter(([cluster, mark]) => before.get(cluster) === mark)).toEqual([]);
});

/** The stacks of an environment as the earlier version has left them. */
async function deployed(name: string, version = "0.1.0"): Promise<Map<string, TestStack>> {
  const { stacks, found = [], script = {} } = environments[name] ?? { stacks: {} };
  await world.play(script);
  const { clusters, deployments } = recorded(version, name, world);
  const kubeconfigs = new Map<string, string>();
  for (const cluster of found) {
    kubeconfigs.set(cluster, await world.found(cluster));
  }
  await world.restore(clusters);
  const opened = new Map<string, TestStack>();
  for (const [stack, settings] of Object.entries(stacks)) {
    const test = await TestStack.open(
      world,
      settings((cluster) => kubeconfigs.get(cluster) ?? ""),
      { name: stack },
    );
    await test.restore(deployments[stack]);
    opened.set(stack, test);
  }
  return opened;
}
