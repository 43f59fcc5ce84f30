/**
 * One environment of real clusters from its first plan to its end; each step stands on the one before. istiod and istio-cni are
 * real; ztunnel is whatever the equipment has, so that traffic here is plain: pod to pod by IP.
 */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { lines, type Run, withoutIdentity } from "../engine/support/run";
import { workloadCertificate } from "./certificate";
import { remoteClusters } from "./istiod";
import { kind, settings } from "./settings";
import { addressOf, docker, type Machine, machine, nodesOf, routesOn } from "./machine";
import { deployPods, expectFlat } from "./pods";
import { MachineStack } from "./stack";

const [a, b, c] = ["alpha", "beta", "gamma"] as const;
const all = [a, b, c];

const original = () => settings([kind(a), kind(b, { workers: 2 }), kind(c)], { contexts: true });

let before: Machine;
let stack: MachineStack;
beforeAll(async () => {
  before = machine();
  stack = await MachineStack.open("life", original());
});
afterAll(async () => {
  // Says nothing where the last test has destroyed it already.
  await stack.destroy();
  stack.close();
});

test("the first plan needs no cluster, and makes none", async () => {
  const plan = await stack.preview();
  expect(plan.error).toBeUndefined();
  expect(lines(plan.steps)).toContain(`create Command ${b}`);
  expect(machine()).toEqual(before);
});

describe("the first up", () => {
  let run: Run;
  beforeAll(async () => {
    run = await stack.up();
  });

  test("succeeds without a warning", () => {
    expect(run).toMatchObject({ error: undefined, messages: [] });
  });

  test("has made the nodes of the settings, all ready", async () => {
    expect(all.flatMap(nodesOf)).toEqual([
      `${a}-control-plane`,
      `${b}-control-plane`,
      `${b}-worker`,
      `${b}-worker2`,
      `${c}-control-plane`,
    ]);
    const status = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}';
    expect(await stack.kubectl(b, "get", "nodes", "--output", status)).toBe("True True True");
  });

  test("is followed by a silent plan", async () => {
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });

  test("has every pod of every cluster reach every other by IP", async () => {
    await deployPods(stack, all, inject("kindImages").echo);
    await expectFlat(stack, all);
  });

  test("has put a context for each cluster into the engineer's kubeconfig", () => {
    const kubeconfig = readFileSync(stack.kubeconfig, "utf8");
    for (const cluster of all) {
      expect(kubeconfig).toContain(`\n  name: kind-${cluster}\n`);
    }
  });

  test.each(all)("has istiod of %s serve and sign under the stack's own root", async (cluster) => {
    const outputs = await stack.outputs();
    const root = String(outputs["rootCertificate"]);
    const [workload, intermediate] = await workloadCertificate(stack, cluster, root);
    const cacerts = await stack.kubectl(cluster, "get", "secret", "cacerts", "-n", "istio-system", "-o", "json");
    const { data } = JSON.parse(cacerts) as { readonly data: Readonly<Record<string, string>> };
    const own = new X509Certificate(Buffer.from(data["ca-cert.pem"] ?? "", "base64"));
    expect(intermediate?.fingerprint256).toBe(own.fingerprint256);
    expect(workload?.verify(own.publicKey)).toBe(true);
    expect(own.verify(new X509Certificate(root).publicKey)).toBe(true);
    const trusted = await stack.kubectl(
      cluster,
      "get",
      "configmap",
      "istio-ca-root-cert",
      "--output",
      "jsonpath={.data.root-cert\\.pem}",
    );
    expect(trusted.trim()).toBe(root.trim());
  });
});

describe("after the engine has started the nodes in another order", () => {
  const addresses = () => Object.fromEntries(all.flatMap(nodesOf).map((node) => [node, addressOf(node)]));

  test("a plan shows the routes, and nothing else", async () => {
    const old = addresses();
    const nodes = Object.keys(old).sort();
    docker("stop", "--time", "5", ...nodes);
    nodes.reverse().forEach((node) => docker("start", node));
    expect(addresses()).not.toEqual(old);
    await Promise.all(all.map(apiServer));
    const plan = await stack.preview();
    expect([plan.error, lines(plan.steps)]).toEqual([undefined, all.map((name) => `update Command ${name}-routes`)]);
  });

  test("an up repairs them", async () => {
    const { error, messages } = await stack.up();
    expect([error, messages]).toEqual([undefined, []]);
    await expectFlat(stack, all);
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });
});

describe("one cluster with another number of nodes", () => {
  const changed = (nodeImage = inject("kindImages").node) =>
    settings([kind(a), kind(b, { workers: 1, nodeImage }), kind(c)], { contexts: true });

  test("fails half-way without leaving a half-made one", async () => {
    // An image that starts and is no node: kind gives up after it has made its containers.
    await stack.configure(changed(inject("kindImages").echo));
    const { error } = await stack.up();
    expect(error).toContain("failed to create cluster");
    expect(nodesOf(b)).toEqual([]);
  });

  test("is planned anew where the change is taken back, since the old one had to go first", async () => {
    await stack.configure(original());
    expect(lines((await stack.preview()).steps)).toEqual(
      expect.arrayContaining([`create Command ${b}`, `delete Command ${b}`]),
    );
  });

  test("is rebuilt whole by the next up, and of the others only what leads to it changes", async () => {
    await stack.configure(changed());
    const { error, steps, same } = await stack.up();
    expect(error).toBeUndefined();
    const others = lines(steps).filter((line) => !line.includes(` ${b}`));
    expect(others).toEqual([
      `update Command ${a}-routes`,
      `update Command ${c}-routes`,
      `update Secret ${a}-remote-secret-${b}`,
      `update Secret ${c}-remote-secret-${b}`,
    ]);
    // Its certificates are not in it, and stay.
    const inside = same.filter(
      ({ type, name }) => /^(kubernetes|command):/.test(type) && withoutIdentity(name).startsWith(b),
    );
    expect(inside).toEqual([]);
    expect(nodesOf(b)).toEqual([`${b}-control-plane`, `${b}-worker`]);
    await deployPods(stack, [b], inject("kindImages").echo);
    await expectFlat(stack, all);
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });
});

test("a cluster that leaves takes the routes to it along, and what the others know of it", async () => {
  const leaving = nodesOf(c);
  await stack.configure(settings([kind(a), kind(b, { workers: 1 })], { contexts: true }));
  expect((await stack.up()).error).toBeUndefined();
  expect([leaving.length, nodesOf(c)]).toEqual([1, []]);
  for (const [nodes, other] of [
    [nodesOf(a), "20"],
    [nodesOf(b), "10"],
  ] as const) {
    for (const node of nodes) {
      const routes = routesOn(node);
      expect(routes.length).toBeGreaterThan(0);
      expect(routes.filter((route) => !new RegExp(`^10\\.(255\\.)?${other}\\.`).test(route))).toEqual([]);
    }
  }
  expect(readFileSync(stack.kubeconfig, "utf8")).not.toContain(`kind-${c}`);
  await expectFlat(stack, [a, b]);
  for (const [cluster, peer] of [
    [a, b],
    [b, a],
  ] as const) {
    await expect
      .poll(async () => (await remoteClusters(stack, cluster)).map(({ id }) => id), { timeout: 60_000 })
      .toEqual([peer]);
  }
});

test("a destroy leaves the machine as it was, though one cluster is gone already", async () => {
  docker("rm", "--force", "--volumes", ...nodesOf(b));
  expect(await stack.destroy()).toMatchObject({ error: undefined, messages: [] });
  expect(machine()).toEqual(before);
  expect(stack.leftovers()).toEqual([]);
  expect(readFileSync(stack.kubeconfig, "utf8")).not.toContain("kind-");
});

/** Waits until a cluster's API server answers again. */
async function apiServer(cluster: string): Promise<void> {
  await expect.poll(() => stack.kubectl(cluster, "get", "--raw", "/readyz"), { timeout: 120_000 }).toBe("ok");
}
