/**
 * One environment of real clusters from its first plan to its end; each step builds on the one before. istiod and istio-cni are
 * real, and what istiod knows of the other cluster is asked of istiod itself. ztunnel is a stand-in, so that traffic here is
 * plain: pod to pod by IP.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { StackSettings } from "../engine/support/settings";
import { lines, type Run, withoutIdentity } from "../engine/support/run";
import { check, failures, warnings } from "./findings";
import { knownAddresses, remoteClusters } from "./istiod";
import { addressOf, docker, type Machine, machine, nodesOf, routesOn } from "./machine";
import { deployPods, expectFlat } from "./pods";
import { app, deployment, expectKnown, expectSynced, globalService, remoteKubeconfig } from "./readings";
import { replaceRoot } from "./rotation";
import { kind, settings } from "./settings";
import { MachineStack } from "./stack";

const [a, b] = ["alpha", "beta"] as const;
const both = [a, b];
const other = (cluster: string) => (cluster === a ? b : a);

const environment = (clusters: readonly object[], changes: StackSettings = {}) =>
  settings(clusters, { contexts: true, loadBalancer: { image: inject("kindImages").loadBalancer }, ...changes });
const twoNodes = () => kind(b, { workers: 1 });

let before: Machine;
let stack: MachineStack;
beforeAll(async () => {
  before = machine();
  stack = await MachineStack.open("life", environment([kind(a), twoNodes()]));
});
afterAll(async () => {
  // Does nothing if the last test has destroyed the stack already.
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

  test("makes the nodes of the settings, all ready", async () => {
    expect(both.flatMap(nodesOf)).toEqual([`${a}-control-plane`, `${b}-control-plane`, `${b}-worker`]);
    const status = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}';
    expect(await stack.kubectl(b, "get", "nodes", "--output", status)).toBe("True True");
  });

  test("is followed by a silent plan", async () => {
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });

  test("lets every pod of every cluster reach every other by IP", async () => {
    await deployPods(stack, both, inject("kindImages").echo);
    await expectFlat(stack, both);
  });

  test("puts a context for each cluster into the engineer's kubeconfig", () => {
    const kubeconfig = readFileSync(stack.kubeconfig, "utf8");
    for (const cluster of both) {
      expect(kubeconfig).toContain(`\n  name: kind-${cluster}\n`);
    }
  });
});

describe.each(both)("istiod of %s", (cluster) => {
  test("reads the other cluster, and is refused nothing that it asks for", async () => {
    await expectSynced(stack, cluster, other(cluster));
    const log = await stack.kubectl(cluster, "logs", "--namespace=istio-system", "deployment/istiod");
    expect(log.split("\n").filter((line) => /forbidden|Unauthorized/i.test(line))).toEqual([]);
  });

  test("knows the addresses of the other one's pods of a global service", async () => {
    await stack.apply(other(cluster), globalService);
    await stack.apply(other(cluster), deployment(2));
    await expectKnown(stack, cluster, other(cluster));
  });
});

/** Has a node masquerade again what its pods send to other clusters, by whichever tool its rules are made with. */
const loseRules = "nft delete table ip flatmesh 2>/dev/null || iptables -w -t nat -D POSTROUTING -j FLATMESH-SOURCE";

describe("the checks", () => {
  test("pass, as far as this machine's equipment can show", async () => {
    const results = await check(stack);
    expect(results.filter(({ status }) => ["failed", "warning"].includes(status))).toEqual([]);
    expect(results.filter(({ status }) => status === "passed").map(({ id }) => id)).toEqual([
      "reachable",
      "clock-skew",
      "gateway-api",
      "versions",
      "istiod-environment",
      "trusted-node-accounts",
      "dns-capture",
      "pods",
      "network-name",
      "cluster-names",
      "trust-domain",
      "root",
      "intermediates",
      "subnets",
      "node-routes",
      "source-addresses",
      "remote-secrets",
    ]);
  });

  test("find what people have broken, and one plain up mends all of it", async () => {
    const [node = ""] = nodesOf(a);
    const [route = ""] = docker("exec", node, "ip", "route", "show", "proto", "186");
    const [subnet = "", ...way] = route.trim().split(" ");
    docker("exec", node, "ip", "route", "del", subnet, ...way);
    docker("exec", node, "sh", "-c", loseRules);
    const system = "--namespace=istio-system";
    await stack.kubectl(a, "label", "secret", `istio-remote-secret-${b}`, system, "istio/multiCluster-");
    await stack.kubectl(b, "scale", "deployment/istiod", system, "--replicas=0");
    await stack.kubectl(b, "wait", "pod", "--selector=app=istiod", "--for=delete", system);
    expect(await failures(stack, "node-routes")).toEqual([[a, expect.stringContaining(subnet)]]);
    expect(await warnings(stack, "source-addresses")).toEqual([
      [a, expect.stringContaining(`node ${node}: the rules`)],
    ]);
    expect(await failures(stack, "remote-secrets")).toContainEqual([
      a,
      expect.stringMatching(`^no Secret .* for ${b}:`),
    ]);
    expect(await failures(stack, "pods")).toEqual([[b, expect.stringContaining("since it is scaled to 0")]]);

    const { error, steps } = await stack.up();
    expect([error, lines(steps)]).toEqual([
      undefined,
      [`update Command ${a}-routes`, `update Release ${b}-istiod`, `update Secret ${a}-remote-secret-${b}`],
    ]);
    await expectSynced(stack, a, b);
    for (const id of ["node-routes", "pods", "remote-secrets"]) {
      expect(await failures(stack, id)).toEqual([]);
    }
    expect(await warnings(stack, "source-addresses")).toEqual([]);
    await expectFlat(stack, both);
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });
});

describe("after the engine has started the nodes in another order", () => {
  test("a plan shows the routes, and nothing else", async () => {
    // The engine gives out addresses from the lowest on.
    const nodes = both.flatMap(nodesOf).toSorted((one, two) => (addressOf(one) < addressOf(two) ? 1 : -1));
    const old = nodes.map(addressOf);
    docker("stop", "--time", "5", ...nodes);
    nodes.forEach((node) => docker("start", node));
    expect(nodes.map(addressOf)).not.toEqual(old);
    for (const cluster of both) {
      await expect.poll(() => stack.kubectl(cluster, "get", "--raw", "/readyz"), { timeout: 120_000 }).toBe("ok");
    }
    const plan = await stack.preview();
    expect([plan.error, lines(plan.steps)]).toEqual([undefined, both.map((name) => `update Command ${name}-routes`)]);
  });

  test("pods of both reach each other by their own addresses already: nodes bring back routes and rules when they start", async () => {
    await expectFlat(stack, both);
  });

  test("an up repairs them, and each cluster still reads the other, not itself", async () => {
    expect(await stack.up()).toMatchObject({ error: undefined, messages: [] });
    await expectFlat(stack, both);
    for (const cluster of both) {
      await stack.apply(other(cluster), deployment(1));
      await expectSynced(stack, cluster, other(cluster));
      await expectKnown(stack, cluster, other(cluster));
    }
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });
});

describe("tokens that have come of age", () => {
  let kubeconfig: string;

  test("are renewed when a plan says so, and the other cluster's next pod is known", async () => {
    kubeconfig = await remoteKubeconfig(stack, a, b);
    expect(await stack.listAs(b, kubeconfig)).toContain("pod/");
    await stack.rewrite((state) =>
      state.replace(/"creationTimestamp":"2\d{3}/g, (text) => text.replace(/2\d{3}/, "2020")),
    );
    const planned = lines((await stack.preview()).steps);
    expect(planned).toEqual([
      `create Secret ${a}-istio-reader-token-2-${b}`,
      `create Secret ${b}-istio-reader-token-2-${a}`,
      `delete Secret ${a}-istio-reader-token-1-${b}`,
      `delete Secret ${b}-istio-reader-token-1-${a}`,
      `update Secret ${a}-remote-secret-${b}`,
      `update Secret ${b}-remote-secret-${a}`,
    ]);
    expect((await stack.up()).error).toBeUndefined();
    expect(lines((await stack.preview()).steps)).toEqual([]);
    for (const cluster of both) {
      await stack.apply(other(cluster), deployment(3));
      await expectSynced(stack, cluster, other(cluster));
      await expectKnown(stack, cluster, other(cluster));
    }
  });

  test("open nothing any more", async () => {
    // The API server remembers a token for ten seconds.
    await expect.poll(() => stack.listAs(b, kubeconfig), { timeout: 30_000 }).toMatch(/must be logged in/);
  });
});

const links = [{ from: a, to: b }];

test("a cluster that loses its link is no longer read, nor may it be", async () => {
  const kubeconfig = await remoteKubeconfig(stack, b, a);
  await stack.configure(environment([kind(a), twoNodes()], { links }));
  const run = await stack.up();
  expect(run.error).toBeUndefined();
  // Nobody reads the cluster any more, so the role that its readers had goes as well.
  expect(lines(run.steps)).toEqual([
    `delete ClusterRole ${a}-istio-remote-reader`,
    `delete ClusterRoleBinding ${a}-istio-remote-reader`,
    `delete Role ${a}-istio-remote-reader`,
    `delete RoleBinding ${a}-istio-remote-reader`,
    `delete Secret ${a}-istio-reader-token-2-${b}`,
    `delete Secret ${b}-remote-secret-${a}`,
    `delete ServiceAccount ${a}-istio-remote-reader`,
  ]);
  await expect.poll(() => remoteClusters(stack, b), { timeout: 60_000 }).toEqual([]);
  await expect.poll(() => knownAddresses(stack, b, a, app), { timeout: 60_000 }).toEqual([]);
  await expectSynced(stack, a, b);
  await expect.poll(() => stack.listAs(a, kubeconfig), { timeout: 30_000 }).toMatch(/must be logged in/);
});

describe("one cluster with another number of nodes", () => {
  const changed = (nodeImage = inject("kindImages").node) => environment([kind(a), kind(b, { nodeImage })], { links });

  test("leaves nothing half-made behind when its creation fails", async () => {
    // An image that starts but is no node: kind gives up after it has made the container.
    await stack.configure(changed(inject("kindImages").echo));
    const { error } = await stack.up();
    expect(error).toContain("failed to create cluster");
    expect(nodesOf(b)).toEqual([]);
  });

  test("is planned as a new cluster where the change is taken back, since the old one had to go first", async () => {
    await stack.configure(environment([kind(a), twoNodes()], { links }));
    expect(lines((await stack.preview()).steps)).toEqual(
      expect.arrayContaining([`create Command ${b}`, `delete Command ${b}`]),
    );
  });

  test("is rebuilt whole by the next up, and of the other only what leads to it changes", async () => {
    await stack.configure(changed());
    const { error, steps, same } = await stack.up();
    expect(error).toBeUndefined();
    expect(lines(steps).filter((line) => !line.includes(` ${b}`))).toEqual([
      `update Command ${a}-routes`,
      `update Secret ${a}-remote-secret-${b}`,
    ]);
    // Its certificates are not in it, and stay.
    const inside = same.filter(
      ({ type, name }) => /^(kubernetes|command):/.test(type) && withoutIdentity(name).startsWith(b),
    );
    expect(inside).toEqual([]);
    expect(nodesOf(b)).toEqual([`${b}-control-plane`]);
    await deployPods(stack, [b], inject("kindImages").echo);
    await expectFlat(stack, both);
    await expectSynced(stack, a, b);
    expect(lines((await stack.preview()).steps)).toEqual([]);
  });

  test("gets addresses for its load balancers, which answer, from what knew the old cluster by its credentials", async () => {
    const name = "balanced";
    const ports = [{ port: 8080 }];
    const spec = { type: "LoadBalancer", selector: { app: "echo" }, ports };
    await stack.apply(b, { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "default" }, spec });
    const address = "jsonpath={.status.loadBalancer.ingress[0].ip}";
    await stack.kubectl(b, "wait", `service/${name}`, "--for", address, "--timeout=90s");
    const url = `http://${await stack.kubectl(b, "get", "service", name, "--output", address)}:8080`;
    const pods = await stack.kubectl(b, "get", "pods", "--selector=app=echo", "--output=name");
    // The Service has its address before what stands behind it listens.
    await expect
      .poll(() => docker("run", "--rm", "--network", "kind", inject("kindImages").echo, "call", url), {
        interval: 1000,
        timeout: 60_000,
      })
      .toEqual([pods.trim().replace("pod/", "")]);
  });
});

let root: object = {};

test("another root takes the place of the first, and no certificate is refused on the way", async () => {
  await replaceRoot(stack, both, (stage) => {
    root = stage;
    return stack.configure(environment([kind(a), kind(b)], { links, root }));
  });
});

test("a cluster that leaves takes the routes to it along, and what the other knows of it", async () => {
  expect(routesOn(`${a}-control-plane`).length).toBeGreaterThan(0);
  await stack.configure(environment([kind(a)], { root }));
  expect((await stack.up()).error).toBeUndefined();
  expect([nodesOf(b), routesOn(`${a}-control-plane`)]).toEqual([[], []]);
  expect(readFileSync(stack.kubeconfig, "utf8")).not.toContain(`kind-${b}`);
  await expect.poll(() => remoteClusters(stack, a), { timeout: 60_000 }).toEqual([]);
});

test("a destroy leaves the machine as it was, though the cluster is gone already", async () => {
  docker("rm", "--force", "--volumes", ...nodesOf(a));
  expect(await stack.destroy()).toMatchObject({ error: undefined, messages: [] });
  expect(machine()).toEqual(before);
  expect(stack.leftovers()).toEqual([]);
  expect(readFileSync(stack.kubeconfig, "utf8")).not.toContain("kind-");
});
