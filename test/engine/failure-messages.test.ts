import { afterEach, beforeEach, expect, test } from "vitest";
import { lines } from "./support/run";
import { existing, licence, settings, type StackSettings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
let stack: TestStack;
beforeEach(async () => {
  world = await World.open();
  const clusters = [existing("a", await world.found("a"))];
  stack = await TestStack.open(world, mine({ clusters }));
});
afterEach(() => world.close());

const mine = (changes: StackSettings) => settings({ demo: false, ...changes });

/** Errors and warnings that the user reads, but for the engine's own on the update as a whole. */
const said = (run: { readonly messages: readonly { readonly severity: string; readonly text: string }[] }) =>
  run.messages.map(({ severity, text }) => `${severity}: ${text}`);

test("a temporary problem of an API server is retried, in releases and in objects, and leaves nothing behind", async () => {
  await world.play({
    failures: [
      { method: "create", resource: "Release::a-istio-base$", message: "etcdserver: leader changed", times: 2 },
      { method: "create", resource: "Secret::a-cacerts$", message: "dial tcp: connect: connection refused", times: 1 },
    ],
  });
  const run = await stack.up();
  expect(run.error).toBeUndefined();
  const told = said(run).filter((text) => text.startsWith("info: Cluster a"));
  expect(told).toHaveLength(3);
  expect(told).toContain(
    "info: Cluster a: its API server has a temporary problem, trying again in 2 seconds: etcdserver: leader changed",
  );
  // What a failed attempt of a release may have left is removed before the next one.
  const removed = world.requests.filter(({ method, path }) => method === "DELETE" && path.includes("name=istio-base"));
  expect(removed).toHaveLength(3);
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("a release that fails for good says why, once, and hides the licence", async () => {
  const quota = `pods "istiod-x" is forbidden: exceeded quota: ${licence}, requested: pods=1, used: pods=5, limited: pods=5`;
  await world.play({ failures: [{ method: "create", resource: "Release::a-istiod$", message: quota }] });
  const run = await stack.up();
  const explained = said(run).filter((text) => text.includes("Cluster a: Helm release istio-system/istiod"));
  expect(explained).toEqual([
    "error: Cluster a: Helm release istio-system/istiod failed to install.\n" +
      "- quota [secret] is used up: it needs pods=1, pods=5 of pods=5 is in use.\n" +
      "  Raise that quota, or free some of it: kubectl describe quota [secret] -n istio-system\n" +
      "See docs/troubleshooting.md#a-helm-release-fails",
  ]);
  const calls = (await world.newCalls()).filter(({ name, preview }) => name === "a-istiod" && !preview);
  expect(calls).toHaveLength(1);

  await world.play({ failures: [] });
  expect((await stack.up()).error).toBeUndefined();
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("an object that an API server refuses says why, and one that was made is not made again", async () => {
  const denied = 'admission webhook "policy.example" denied the request: no Secrets by hand';
  const unready = "Resource 'x' was created but failed to initialize: connection refused";
  await world.play({
    failures: [
      { method: "create", resource: "Secret::a-cacerts$", message: denied },
      { method: "create", resource: "CustomResourceDefinition::a-gateways", message: unready, unready: true },
    ],
  });
  const run = await stack.up({ continueOnError: true });
  expect(run.error).toContain("Cluster a: Secret istio-system/cacerts failed to create.");
  expect(run.error).toContain("- admission webhook policy.example denies it: no Secrets by hand.");
  const made = (await world.newCalls()).filter(({ name, preview }) => name.startsWith("a-gateways") && !preview);
  expect(made.map(({ outcome }) => outcome)).toEqual(["unready"]);
});

test("a Gateway without an address says what its controller's pods lack", async () => {
  const labels = { "gateway.networking.k8s.io/gateway-name": "istio-eastwest" };
  const deployment = { metadata: { name: "istio-eastwest", uid: "d", labels }, spec: { replicas: 1 }, status: {} };
  const owner = { kind: "Deployment", name: "istio-eastwest", uid: "d" };
  const waiting = { reason: "ErrImagePull", message: "manifest unknown" };
  const pod = {
    metadata: { name: "istio-eastwest-x", uid: "p", ownerReferences: [owner] },
    spec: { nodeName: "n", containers: [{ name: "istio-proxy", image: "registry.example/proxyv2:1" }] },
    status: { phase: "Pending", containerStatuses: [{ name: "istio-proxy", state: { waiting } }] },
  };
  const namespace = "namespaces/istio-eastwest";
  world.objects.set(
    "a",
    new Map([
      [`/apis/apps/v1/${namespace}/deployments?limit=500`, { items: [deployment] }],
      [`/api/v1/${namespace}/pods?limit=500`, { items: [pod] }],
    ]),
  );
  await world.play({ failures: [{ method: "create", resource: "Gateway::a-istio-eastwest$", unready: true }] });
  const run = await stack.up();
  expect(run.error).toContain("Cluster a: Gateway istio-eastwest/istio-eastwest failed to create.");
  expect(run.error).toContain(
    "- Deployment istio-eastwest: image registry.example/proxyv2:1 can't be pulled: the registry has no such image.",
  );
});

test("a stack whose state names these hooks is destroyed without the program, also where a delete fails at first", async () => {
  expect((await stack.up()).error).toBeUndefined();
  expect(await stack.exported()).toContain("a-istiod-failure");
  await world.play({
    failures: [
      { method: "delete", resource: "Release::a-ztunnel$", message: "connection refused", times: 1 },
      { method: "delete", resource: "Secret::a-cacerts$", message: "connection refused", times: 1 },
    ],
  });
  const failed = await stack.destroy();
  expect(failed.error).toContain("connection refused");
  expect(failed.error).not.toContain("hook");
  for (let attempts = 0; attempts < 3 && (await stack.resources()).length > 0; attempts++) {
    await stack.destroy();
  }
  expect(await stack.resources()).toEqual([]);
});
