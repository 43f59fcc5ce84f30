import { X509Certificate } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodes } from "./support/nodes";
import { lines } from "./support/run";
import { kind, kwok, licence, repoKey, settings, type StackSettings } from "./support/settings";
import { TestStack } from "./support/stack";
import { joinAndLeave } from "./support/three-stacks";
import { World } from "./support/world";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

/** What stands beside a secret in an exported state. */
const secretMark = "4dabf18193072939515e22adb298388d";

const name = (stack: string) => `organization/flatmesh/${stack}`;
const first = (changes: StackSettings = {}) =>
  settings({
    clusters: [kwok("a")],
    addressPool: "10.0.0.0/12",
    peerStacks: [name("second")],
    demo: false,
    ...changes,
  });
/** One root for both stacks: the first one keeps it. */
const kept = { root: { generate: { issueFor: ["b"] } } };
const taken = { root: { stack: name("first") } };
const second = (changes: StackSettings = {}) =>
  settings({
    clusters: [kwok("b")],
    addressPool: "10.16.0.0/12",
    peerStacks: [name("first")],
    demo: false,
    ...changes,
  });

test("two stacks that need each other come up in any order", async () => {
  const one = await TestStack.open(world, first(kept), { name: "first" });
  const alone = await one.up();
  expect(alone.error).toBeUndefined();
  expect(alone.messages).toEqual([
    {
      severity: "warning",
      text: expect.stringMatching(
        /no clusters to peer with yet: organization\/flatmesh\/second\. Run pulumi up/,
      ) as unknown,
    },
  ]);
  expect((await one.outputs()).missingPeers?.value).toEqual([name("second")]);
  expect(lines((await one.preview()).steps)).toEqual([]);

  const other = await TestStack.open(world, second(taken), { name: "second" });
  const joining = await other.up();
  expect(joining).toMatchObject({ error: undefined, messages: [] });
  expect(lines(joining.steps)).toContain("create Gateway b-peer-a");
  expect((await other.outputs()).missingPeers?.value).toEqual([]);

  const linking = await one.up();
  expect(linking.messages).toEqual([]);
  expect(lines(linking.steps)).toEqual(["create Gateway a-peer-b"]);
  expect((await one.outputs()).links?.value).toEqual([{ from: "a", to: "b", via: "peer Gateway" }]);

  // The other's address has changed since, which no plugin has seen: its next up sees that, and then ours follows.
  const gateway = "/apis/gateway.networking.k8s.io/v1/namespaces/istio-eastwest/gateways/istio-eastwest";
  world.objects.set("b", new Map([[gateway, { status: { addresses: [{ value: "192.0.2.7" }] } }]]));
  const following = await other.up();
  expect([following.error, lines(following.steps)]).toEqual([undefined, []]);
  expect((await other.outputs()).eastWestAddresses?.value).toEqual({ b: { type: "IPAddress", value: "192.0.2.7" } });
  expect(lines((await other.preview()).steps)).toEqual([]);
  expect(lines((await one.up()).steps)).toEqual(["update Gateway a-peer-b"]);
  expect(lines((await one.preview()).steps)).toEqual([]);
});

test("a cluster's changed address is followed by its own stack's next update, which its plan shows", async () => {
  const alone = { peerStacks: [], clusters: [kwok("a"), kwok("b")] };
  const stack = await TestStack.open(world, first(alone), { name: "first" });
  expect((await stack.up()).error).toBeUndefined();
  const gateway = "/apis/gateway.networking.k8s.io/v1/namespaces/istio-eastwest/gateways/istio-eastwest";
  world.objects.set("b", new Map([[gateway, { status: { addresses: [{ value: "moved.example.com" }] } }]]));
  for (const run of [await stack.preview(), await stack.up()]) {
    expect([run.error, lines(run.steps)]).toEqual([undefined, ["update Gateway a-peer-b"]]);
  }
  expect(lines((await stack.preview()).steps)).toEqual([]);

  // One that is built anew has an address of its own, whatever the old one still tells.
  await stack.configure(first({ ...alone, clusters: [kwok("a"), kwok("b", { workers: 1 })] }));
  expect((await stack.up()).error).toBeUndefined();
  expect((await stack.outputs()).eastWestAddresses?.value).toMatchObject({ b: { value: "b.gateways.test" } });
});

test("kind clusters of two stacks on one machine are routed as well, and a peer that goes takes its routes along", async () => {
  const one = await TestStack.open(world, first({ ...kept, clusters: [kind("a")] }), { name: "first" });
  const other = await TestStack.open(world, second({ ...taken, clusters: [kind("b")] }), { name: "second" });
  const a = { host: 2, podSubnet: "10.0.160.0/24" };
  const b = { host: 3, podSubnet: "10.16.160.0/24" };
  await world.play({ nodes: nodes({ a }) });
  expect((await one.up()).error).toBeUndefined();
  await world.play({ nodes: nodes({ a, b }) });
  expect((await other.up()).error).toBeUndefined();
  expect(lines((await one.up()).steps)).toEqual(["create Gateway a-peer-b", "update Command a-routes"]);
  expect(lines((await one.preview()).steps)).toEqual([]);
  const routes = async (stack: TestStack): Promise<unknown[]> =>
    (await stack.resources()).flatMap(({ urn, inputs }) => (urn.endsWith("-routes") ? [inputs?.["stdin"]] : []));
  expect([await routes(one), await routes(other)]).toEqual([
    [
      "a-control-plane 10.16.160.0/24 172.18.0.3 b-control-plane\na-control-plane 10.31.10.0/24 172.18.0.3 b-control-plane\n",
    ],
    [
      "b-control-plane 10.0.160.0/24 172.18.0.2 a-control-plane\nb-control-plane 10.15.10.0/24 172.18.0.2 a-control-plane\n",
    ],
  ]);

  await world.play({ nodes: nodes({ a }) });
  expect((await other.destroy()).error).toBeUndefined();
  expect(lines((await one.up()).steps)).toEqual(["delete Gateway a-peer-b", "update Command a-routes"]);
  expect(await routes(one)).toEqual([""]);
});

test("links to a peer that can't be seen stay: it may have another name by now, or nobody who runs this may read it", async () => {
  const one = await TestStack.open(world, first(kept), { name: "first" });
  const other = await TestStack.open(world, second(taken), { name: "second" });
  for (const stack of [one, other, one]) {
    expect((await stack.up()).error).toBeUndefined();
  }
  await world.newWork();
  await one.configure(first({ ...kept, peerStacks: [name("renamed")] }));
  const refused = await one.up();
  expect(refused.error).toMatch(
    /no stack organization\/flatmesh\/renamed, or whoever .* links to clusters of such a stack exist \(b\)/,
  );
  expect(await world.newWork()).toEqual([]);
  const plan = await one.preview();
  expect([plan.error, lines(plan.steps)]).toEqual([undefined, []]);
  expect(plan.messages.map(({ text }) => text).join()).toMatch(
    /This plan leaves those links as they are; pulumi up would be refused/,
  );

  // Taken out of the settings, it is meant to go.
  await one.configure(first({ ...kept, peerStacks: [] }));
  expect(lines((await one.up()).steps)).toEqual(["delete Gateway a-peer-b"]);
});

test("a stack that was deployed before it had an output for its peers is read as it is, and its next up adds that alone", async () => {
  const one = await TestStack.open(world, first({ ...kept, clusters: [kind("a")] }), { name: "first" });
  const other = await TestStack.open(world, second({ ...taken, clusters: [kind("b")] }), { name: "second" });
  await world.play({
    nodes: nodes({ a: { host: 2, podSubnet: "10.0.160.0/24" }, b: { host: 3, podSubnet: "10.16.160.0/24" } }),
  });
  for (const stack of [one, other, one, other]) {
    expect((await stack.up()).error).toBeUndefined();
  }
  for (const stack of [one, other]) {
    await stack.rewrite(asBefore);
    expect(await stack.outputs()).not.toHaveProperty("meshPeer");
  }
  for (const stack of [one, other]) {
    const run = await stack.up();
    expect([run.error, run.messages, lines(run.steps)]).toEqual([undefined, [], []]);
    expect((await stack.outputs()).meshPeer?.value).toMatchObject({ version: 1, distribution: "solo" });
    expect(lines((await stack.preview()).steps)).toEqual([]);
  }
});

/** A state as version 0.1 has left it: its outputs are for people, and its peers read those. */
function asBefore(deployment: string): string {
  const state = JSON.parse(deployment) as { resources: { type: string; outputs?: Record<string, unknown> }[] };
  for (const { type, outputs = {} } of state.resources) {
    if (type === "pulumi:pulumi:Stack") {
      delete outputs["meshPeer"];
      delete outputs["peers"];
    }
  }
  return JSON.stringify(state);
}

test("a peer that was initialised but never deployed is missing too; requirePeers makes that an error", async () => {
  await TestStack.open(world, second(), { name: "second" });
  const one = await TestStack.open(world, first({ requirePeers: true }), { name: "first" });
  const run = await one.up();
  expect(run.error).toBeDefined();
  expect(run.messages.map(({ text }) => text).join("\n")).toMatch(/requirePeers: .*organization\/flatmesh\/second/);
  expect(await world.calls()).toEqual([]);

  await one.configure(first());
  const patient = await one.preview();
  expect(patient.error).toBeUndefined();
  expect(patient.messages).toEqual([
    { severity: "warning", text: expect.stringContaining("organization/flatmesh/second") as unknown },
  ]);
});

test("stacks that can't share a mesh are refused with every reason, before anything is made", async () => {
  const clusters = [kwok("a", { podSubnet: "10.10.0.0/16" })];
  const one = await TestStack.open(world, first({ clusters, peerStacks: [] }), { name: "first" });
  expect((await one.up()).error).toBeUndefined();
  await world.newCalls();
  const other = await TestStack.open(
    world,
    second({
      clusters: [kwok("b", { podSubnet: "10.10.0.0/16" })],
      network: "other-network",
      trustDomain: "other.example",
    }),
    { name: "second" },
  );
  const run = await other.up();
  expect(run.error).toBeDefined();
  const [error = ""] = run.messages.map(({ text }) => text).filter((text) => text.includes("can't share"));
  expect(error).toMatch(/network flat-network, this stack other-network/);
  expect(error).toMatch(/trustDomain cluster\.local, this stack other\.example/);
  expect(error).toMatch(/trusts another root than this stack/);
  expect(error).toMatch(/podSubnet \S+, which overlaps podSubnet 10\.10\.0\.0\/16 of b/);
  expect(run.printed).not.toMatch(/\n\s+at .*:\d+:\d+/);
  expect(await world.newCalls()).toEqual([]);
});

const version = { istioVersion: "1.31.0", charts: "oci://registry.invalid/charts", images: "example.com/istio" };

test.each([
  ["network and trust domain", version, { network: "other-network", trustDomain: "other.example" }],
  ["distribution", { ...version, distribution: "community", license: "", repoKey: "" }, { license: licence, repoKey }],
])("stacks that are linked are given another %s by the way that the refusal names", async (_what, before, changed) => {
  // Of a setting that goes, the default counts.
  const after = { ...Object.fromEntries(Object.entries(before).filter(([key]) => key !== "distribution")), ...changed };
  const one = await TestStack.open(world, first({ ...before, ...kept }), { name: "first" });
  const other = await TestStack.open(world, second({ ...before, ...taken }), { name: "second" });
  for (const stack of [one, other, one]) {
    expect((await stack.up()).error).toBeUndefined();
  }
  const configure = async (more: StackSettings) => {
    await one.configure(first({ ...after, ...kept, ...more }));
    await other.configure(second({ ...after, ...taken, ...more }));
  };
  await configure({});
  await world.newWork();
  for (const [stack, theirs] of [
    [one, other],
    [other, one],
  ] as const) {
    expect((await stack.up()).error).toContain(`take ${theirs.fullName} out of peerStacks here`);
  }
  expect(await world.newWork()).toEqual([]);

  await configure({ peerStacks: [] });
  for (const stack of [one, other]) {
    expect((await stack.up()).error).toBeUndefined();
  }
  await configure({});
  for (const stack of [one, other]) {
    expect(await stack.up()).toMatchObject({ error: undefined, messages: [] });
  }
  for (const stack of [one, other]) {
    expect(lines((await stack.preview()).steps)).toEqual([]);
    expect((await stack.outputs()).links?.value).toHaveLength(1);
  }
});

test("a stack takes its certificates from the stack that keeps the root, once that has signed them", async () => {
  const keeper = await TestStack.open(world, first({ peerStacks: [] }), { name: "first" });
  expect((await keeper.up()).error).toBeUndefined();
  await world.newCalls();
  const taker = await TestStack.open(world, second({ peerStacks: [], ...taken }), { name: "second" });
  expect((await taker.up()).error).toMatch(/first has signed no intermediate for b\. Add what is missing to issueFor/);
  expect(await world.newCalls()).toEqual([]);

  await keeper.configure(first({ peerStacks: [], ...kept }));
  expect(lines((await keeper.up()).steps).filter((step) => !/ b-intermediate$/.test(step))).toEqual([]);
  const run = await taker.up();
  expect(run).toMatchObject({ error: undefined, messages: [] });
  expect(lines(run.steps).filter((step) => /PrivateKey|Cert/.test(step))).toEqual([]);

  const authority = new X509Certificate(String((await keeper.outputs()).rootCertificate?.value));
  expect((await taker.outputs()).rootCertificate?.value).toBe((await keeper.outputs()).rootCertificate?.value);
  const cacerts = await taker.secret("cacerts");
  expect(new X509Certificate(cacerts["ca-cert.pem"] ?? "").verify(authority.publicKey)).toBe(true);
  const [outputs] = (await keeper.resources()).flatMap(({ type, outputs: all }) =>
    type === "pulumi:pulumi:Stack" ? [all] : [],
  );
  expect(outputs?.["intermediates"]).toEqual({
    b: { [secretMark]: expect.any(String) as unknown, plaintext: expect.stringContaining("PRIVATE KEY") as unknown },
  });
  expect(lines((await taker.preview()).steps)).toEqual([]);
});

test("the stack that keeps the root is destroyed: its root is brought back, or another one takes its place", async () => {
  const keeping = settings({ clusters: [], demo: false, root: { generate: { issueFor: ["a", "b"] } } });
  const keeper = await TestStack.open(world, keeping, { name: "root" });
  const root = { root: { stack: name("root") } };
  const one = await TestStack.open(world, first(root), { name: "first" });
  const other = await TestStack.open(world, second(root), { name: "second" });
  for (const stack of [keeper, one, other, one]) {
    expect((await stack.up()).error).toBeUndefined();
  }
  const kept = await keeper.exported();
  // The key that others depend on goes only when somebody says so, in the way that the refusal names.
  expect((await keeper.destroy()).error).toMatch(
    /PrivateKey::root" cannot be deleted\s+because it is protected[^]*`pulumi state unprotect '\S+::root'`/,
  );
  expect((await keeper.resources()).map(({ urn }) => urn.split("::").at(-1))).toContain("root");
  await keeper.unprotect("root");
  expect((await keeper.destroy()).error).toBeUndefined();
  await world.newWork();
  expect((await one.up()).error).toMatch(/root has no root of trust: .* the clusters keep the certificates/);
  expect(await world.newWork()).toEqual([]);

  // All of such a stack is its state.
  await keeper.imported(kept);
  for (const stack of [keeper, one, other]) {
    const plan = await stack.preview();
    expect([plan.error, lines(plan.steps)]).toEqual([undefined, []]);
  }

  await keeper.unprotect("root");
  expect((await keeper.destroy()).error).toBeUndefined();
  expect((await keeper.up()).error).toBeUndefined();
  expect((await one.up()).error).toMatch(/a stage is skipped[^]*unverified: "first"/);
  const unverified = { root: { ...root.root, unverified: "first" } };
  await one.configure(first(unverified));
  await other.configure(second(unverified));
  for (const stack of [one, other]) {
    const run = await stack.up();
    expect(run.error).toBeUndefined();
    expect(lines(run.steps)).toEqual([expect.stringMatching(/^update Secret .-cacerts$/)]);
    expect(run.messages[0]?.text).toMatch(/^root: a stage is skipped, since root\.unverified names root first/);
  }
  await one.configure(first(root));
  expect(await one.up()).toMatchObject({ error: undefined, messages: [] });
});

test("three stacks of two clusters make one mesh, whichever comes first", async () => {
  // The last one here; every-order.sweep.ts has all orders.
  await joinAndLeave(world, ["three", "one", "two"]);
});

test("a stack is moved between the link methods in two steps, and refused in one", async () => {
  const newest = { istioVersion: "1.29.0", repoKey: undefined, clusters: [kwok("a"), kwok("b")], peerStacks: [] };
  const one = await TestStack.open(world, first(newest), { name: "first" });
  expect((await one.up()).error).toBeUndefined();
  for (const [linkMethod, thing] of [
    ["chart", "Release .-peering-remote"],
    ["gateways", "Gateway .-peer-."],
  ] as const) {
    await world.newWork();
    await one.configure(first({ ...newest, linkMethod }));
    expect((await one.up()).error).toMatch(/in two steps: write links: \[\] and run pulumi up/);
    expect(await world.newWork()).toEqual([]);
    await one.configure(first({ ...newest, linkMethod: linkMethod === "chart" ? "gateways" : "chart", links: [] }));
    expect(lines((await one.up()).steps).map((line) => line.split(" ")[0])).toEqual(["delete", "delete"]);
    await one.configure(first({ ...newest, linkMethod }));
    const run = await one.up();
    expect(run.error).toBeUndefined();
    expect(lines(run.steps)).toEqual([
      expect.stringMatching(new RegExp(`create ${thing}`)),
      expect.stringMatching(new RegExp(`create ${thing}`)),
    ]);
  }
});
