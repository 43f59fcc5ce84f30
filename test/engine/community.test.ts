import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lines, type Run } from "./support/run";
import { kwok, licence, repoKey, settings, type StackSettings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const community = (changes: StackSettings = {}) =>
  settings({ distribution: "community", license: "", repoKey: "", demo: false, ...changes });

/** Steps but those about made clusters and what is inside them alone. */
const about = (run: Run, ...things: string[]) =>
  lines(run.steps).filter((line) => things.some((thing) => line.includes(thing)));

async function silent(stack: TestStack): Promise<void> {
  const plan = await stack.preview();
  expect([plan.error, lines(plan.steps)]).toEqual([undefined, []]);
}

test("spokes read the hub, and nobody else anybody", async () => {
  const clusters = [kwok("hub"), kwok("one"), kwok("two")];
  const links = [
    { from: "one", to: "hub" },
    { from: "two", to: "hub" },
  ];
  const stack = await TestStack.open(world, community({ clusters, links }));
  const run = await stack.up();
  expect(run).toMatchObject({ error: undefined, messages: [] });
  expect(about(run, "remote-secret", "reader-token-1-")).toEqual([
    "create Secret hub-istio-reader-token-1-one",
    "create Secret hub-istio-reader-token-1-two",
    "create Secret one-remote-secret-hub",
    "create Secret two-remote-secret-hub",
  ]);
  await silent(stack);

  // A spoke whose link goes loses what it could read the hub with, and the other spoke keeps its own.
  await stack.configure(community({ clusters, links: links.slice(1) }));
  const leaving = await stack.up();
  expect([leaving.error, lines(leaving.steps)]).toEqual([
    undefined,
    ["delete Secret hub-istio-reader-token-1-one", "delete Secret one-remote-secret-hub"],
  ]);
  await silent(stack);
});

test("a cluster more, or one less, touches its links alone", async () => {
  const stack = await TestStack.open(world, community());
  expect((await stack.up()).error).toBeUndefined();
  await stack.configure(community({ clusters: [kwok("a"), kwok("b"), kwok("c")] }));
  const joining = await stack.up();
  expect(joining.error).toBeUndefined();
  expect(lines(joining.steps).filter((line) => !/^create \w+ c(-|$)/.test(line))).toEqual([
    "create Secret a-istio-reader-token-1-c",
    "create Secret a-remote-secret-c",
    "create Secret b-istio-reader-token-1-c",
    "create Secret b-remote-secret-c",
  ]);

  await stack.configure(community());
  const leaving = await stack.up();
  expect(leaving.error).toBeUndefined();
  expect(lines(leaving.steps).filter((line) => !/^delete \w+ c(-|$)/.test(line))).toEqual([
    "delete Secret a-istio-reader-token-1-c",
    "delete Secret a-remote-secret-c",
    "delete Secret b-istio-reader-token-1-c",
    "delete Secret b-remote-secret-c",
  ]);
  await silent(stack);
});

describe("tokens", () => {
  const aged = (stack: TestStack, days: number) =>
    stack.rewrite((deployment) =>
      deployment.replace(/("creationTimestamp":")([^"]+)/g, (_, key: string, text: string) => {
        const made = new Date(Date.parse(text) - days * 24 * 60 * 60 * 1000);
        return key + made.toISOString();
      }),
    );

  test("are renewed by the update that finds them old, which its plan shows; the next plan is silent", async () => {
    const stack = await TestStack.open(world, community({ peerStacks: ["organization/flatmesh/other"] }));
    expect((await stack.up()).error).toBeUndefined();
    const old = (await stack.outputs()).remoteAccess?.value as Readonly<Record<string, string>>;
    await aged(stack, 89);
    await silent(stack);
    await aged(stack, 1);
    const renewal = [
      "create Secret a-istio-reader-token-2",
      "create Secret a-istio-reader-token-2-b",
      "create Secret b-istio-reader-token-2",
      "create Secret b-istio-reader-token-2-a",
      "delete Secret a-istio-reader-token-1-b",
      "delete Secret b-istio-reader-token-1-a",
      "update Secret a-remote-secret-b",
      "update Secret b-remote-secret-a",
    ];
    expect(lines((await stack.preview()).steps)).toEqual(renewal);
    await world.newWork();
    expect(lines((await stack.up()).steps)).toEqual(renewal);
    // Whoever holds the old one has the new one by then.
    const work = await world.newWork();
    const updated = work.filter(({ method }) => method === "update").map(({ end }) => end);
    const deleted = work.filter(({ method }) => method === "delete").map(({ start }) => start);
    expect([updated.length, deleted.length]).toEqual([2, 2]);
    expect(Math.max(...updated)).toBeLessThanOrEqual(Math.min(...deleted));
    expect((await stack.outputs()).remoteAccess?.value).not.toEqual(old);
    await silent(stack);

    // Other stacks have a week to take the new ones.
    await aged(stack, 6);
    await silent(stack);
    await aged(stack, 2);
    expect(lines((await stack.up()).steps)).toEqual([
      "delete Secret a-istio-reader-token-1",
      "delete Secret b-istio-reader-token-1",
    ]);
    await silent(stack);
  });

  test("for other stacks go with the last of them, and with a reader that nobody needs its account", async () => {
    const alone = { clusters: [kwok("a")] };
    const stack = await TestStack.open(world, community({ ...alone, peerStacks: ["organization/flatmesh/other"] }));
    expect((await stack.up()).error).toBeUndefined();
    expect(Object.keys((await stack.outputs()).remoteAccess?.value as object)).toEqual(["a"]);
    await stack.configure(community(alone));
    const run = await stack.up();
    expect([run.error, lines(run.steps)]).toEqual([
      undefined,
      [
        "delete ClusterRole a-istio-remote-reader",
        "delete ClusterRoleBinding a-istio-remote-reader",
        "delete Role a-istio-remote-reader",
        "delete RoleBinding a-istio-remote-reader",
        "delete Secret a-istio-reader-token-1",
        "delete ServiceAccount a-istio-remote-reader",
      ],
    ]);
    expect(await stack.outputs()).not.toHaveProperty("remoteAccess");
    await silent(stack);
  });

  test("follow to the clusters of another stack at its own next update", async () => {
    const name = (stack: string) => `organization/flatmesh/${stack}`;
    const open = (stack: string, cluster: string, pool: string, peer: string, root: object) =>
      TestStack.open(
        world,
        community({ clusters: [kwok(cluster)], addressPool: pool, peerStacks: [name(peer)], root }),
        { name: stack },
      );
    const one = await open("one", "a", "10.0.0.0/12", "two", { generate: { issueFor: ["b"] } });
    expect((await one.up()).error).toBeUndefined();
    const two = await open("two", "b", "10.16.0.0/12", "one", { stack: name("one") });
    expect(about(await two.up(), "remote-secret")).toEqual(["create Secret b-remote-secret-a"]);
    expect(lines((await one.up()).steps)).toEqual(["create Secret a-remote-secret-b"]);
    await aged(one, 90);
    expect(lines((await one.up()).steps)).toEqual(["create Secret a-istio-reader-token-2"]);
    expect(lines((await two.up()).steps)).toEqual(["update Secret b-remote-secret-a"]);
    await silent(two);
  });

  test("that somebody asks to be renewed are, with what holds them", async () => {
    const stack = await TestStack.open(world, community());
    expect((await stack.up()).error).toBeUndefined();
    const run = await stack.up({ replace: ["**-istio-reader-token-*"] });
    expect(run.error).toBeUndefined();
    expect(lines(run.steps).filter((line) => line.startsWith("update"))).toEqual([
      "update Secret a-remote-secret-b",
      "update Secret b-remote-secret-a",
    ]);
    await silent(stack);
  });
});

test("unique names reach the peers' kubeconfigs", async () => {
  const clusters = ["a", "b"].map((name) => ({ name, provisioner: "kind" }));
  await world.play({ nodes: {} });
  const stack = await TestStack.open(world, community({ clusters, uniqueNames: true, loadBalancer: "none" }));
  expect((await stack.up()).error).toBeUndefined();
  const secret = await stack.secret("remote-secret-b");
  expect(secret["b"]).toMatch(/server: https:\/\/b-[0-9a-f]{6}-control-plane:6443/);
});

test.each([
  ["solo", "community"],
  ["community", "solo"],
])("a live stack is moved from %s to %s in place", async (from, to) => {
  const of = (distribution: string) => {
    const version = { istioVersion: "1.31.0", charts: "oci://registry.invalid/charts", images: "example.com/istio" };
    return distribution === "solo"
      ? settings({ demo: true, license: licence, repoKey, ...version })
      : community({ demo: true, ...version });
  };
  const stack = await TestStack.open(world, of(from));
  expect((await stack.up()).error).toBeUndefined();
  await stack.configure(of(to));
  const run = await stack.up();
  expect(run).toMatchObject({ error: undefined, messages: [] });
  const [gateways, secrets] = to === "solo" ? ["create", "delete"] : ["delete", "create"];
  expect(lines(run.steps).filter((line) => / a-/.test(line))).toEqual(
    [
      `${gateways} Gateway a-istio-eastwest`,
      `${gateways} Gateway a-peer-b`,
      `${gateways} Namespace a-istio-eastwest`,
      `${secrets} ClusterRole a-istio-remote-reader`,
      `${secrets} ClusterRoleBinding a-istio-remote-reader`,
      `${secrets} Role a-istio-remote-reader`,
      `${secrets} RoleBinding a-istio-remote-reader`,
      `${secrets} Secret a-istio-reader-token-1-b`,
      `${secrets} Secret a-remote-secret-b`,
      `${secrets} ServiceAccount a-istio-remote-reader`,
      "update Release a-istio-base",
      "update Release a-istio-cni",
      "update Release a-istiod",
      "update Release a-ztunnel",
      "update Service a-global-service",
    ].sort(),
  );
  await silent(stack);
});
