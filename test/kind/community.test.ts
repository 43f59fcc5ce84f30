/**
 * One environment of the community's distribution on real clusters, with real control planes: each step stands on the one
 * before. What istiod knows of the other cluster is asked of istiod itself; ztunnel, and so the traffic, is a stand-in.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { checks, type CheckResult, runChecks } from "../../checks";
import { meshOf } from "../../checks/sources/outputs";
import { lines, type Run } from "../engine/support/run";
import { knownAddresses, remoteClusters } from "./istiod";
import { addressOf, docker, type Machine, machine, nodesOf } from "./machine";
import { replaceRoot } from "./rotation";
import { kind, settings } from "./settings";
import { MachineStack } from "./stack";

const [a, b] = ["north", "south"] as const;
const both = [a, b];
const other = (cluster: string) => (cluster === a ? b : a);

let before: Machine;
let stack: MachineStack;
let first: Run;
beforeAll(async () => {
  before = machine();
  stack = await MachineStack.open("community", settings(both.map((name) => kind(name))));
  first = await stack.up();
});
afterAll(async () => {
  await stack.destroy();
  stack.close();
});

test("comes up without a warning, and the next plan is silent", async () => {
  expect(first).toMatchObject({ error: undefined, messages: [] });
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

describe.each(both)("istiod of %s", (cluster) => {
  test("reads the other cluster, and is refused nothing that it asks for", async () => {
    await expectSynced(cluster);
    const log = await stack.kubectl(cluster, "logs", "--namespace=istio-system", "deployment/istiod");
    expect(log.split("\n").filter((line) => /forbidden|Unauthorized/i.test(line))).toEqual([]);
  });

  test("knows the addresses of the other one's pods of a global service", async () => {
    await stack.apply(other(cluster), globalService);
    await stack.apply(other(cluster), deployment(2));
    await expectKnown(cluster);
  });
});

describe("the checks", () => {
  test("find that what this machine's equipment can show holds", async () => {
    const results = await check();
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
      "remote-secrets",
    ]);
  });

  test("miss a route that a node has lost", async () => {
    const [node = ""] = nodesOf(a);
    const [route = ""] = docker("exec", node, "ip", "route", "show", "proto", "186");
    const [subnet = "", ...way] = route.trim().split(" ");
    docker("exec", node, "ip", "route", "del", subnet, ...way);
    expect(await failures("node-routes")).toEqual([[a, expect.stringContaining(subnet)]]);
    docker("exec", node, "ip", "route", "add", subnet, ...way);
    expect(await failures("node-routes")).toEqual([]);
  });

  test("miss a remote Secret that istiod does not take for one", async () => {
    const label = (change: string) =>
      stack.kubectl(a, "label", "secret", `istio-remote-secret-${b}`, "--namespace=istio-system", change);
    await label("istio/multiCluster-");
    expect(await failures("remote-secrets")).toContainEqual([a, expect.stringMatching(`^no Secret .* for ${b}:`)]);
    await label("istio/multiCluster=true");
    await expectSynced(a);
    expect(await failures("remote-secrets")).toEqual([]);
  });
});

describe("after the engine has started the nodes in another order", () => {
  test("each still reads the other, and not itself", async () => {
    // The engine gives out addresses from the lowest on.
    const nodes = both.flatMap(nodesOf).toSorted((one, two) => (addressOf(one) < addressOf(two) ? 1 : -1));
    const old = nodes.map(addressOf);
    docker("stop", "--time", "5", ...nodes);
    nodes.forEach((node) => docker("start", node));
    expect(nodes.map(addressOf)).not.toEqual(old);
    for (const cluster of both) {
      await expect.poll(() => stack.kubectl(cluster, "get", "--raw", "/readyz"), { timeout: 120_000 }).toBe("ok");
    }
    expect(await stack.up()).toMatchObject({ error: undefined, messages: [] });
    for (const cluster of both) {
      await stack.apply(other(cluster), deployment(1));
      await expectSynced(cluster);
      await expectKnown(cluster);
    }
  });
});

describe("tokens that have come of age", () => {
  let kubeconfig: string;

  test("are renewed where a plan says so, and the other cluster's next pod is known", async () => {
    kubeconfig = remoteSecretOf(await stack.kubectl(a, "get", "secret", `istio-remote-secret-${b}`, ...asJson));
    expect(await stack.listAs(b, kubeconfig)).toContain("pod/");
    await stack.rewrite((deployment) =>
      deployment.replace(/"creationTimestamp":"2\d{3}/g, (text) => text.replace(/2\d{3}/, "2020")),
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
      await expectSynced(cluster);
      await expectKnown(cluster);
    }
  });

  test("open nothing any more", async () => {
    // The API server remembers a token for ten seconds.
    await expect.poll(() => stack.listAs(b, kubeconfig), { timeout: 30_000 }).toMatch(/must be logged in/);
  });
});

test("a cluster that loses its link is no longer read, nor may it be", async () => {
  const secret = await stack.kubectl(a, "get", "secret", `istio-remote-secret-${b}`, ...asJson);
  await stack.configure(
    settings(
      both.map((name) => kind(name)),
      { links: [{ from: b, to: a }] },
    ),
  );
  const run = await stack.up();
  expect(run.error).toBeUndefined();
  // Nobody reads the cluster any more, so what reads were granted to goes as well.
  expect(lines(run.steps)).toEqual([
    `delete ClusterRole ${b}-istio-remote-reader`,
    `delete ClusterRoleBinding ${b}-istio-remote-reader`,
    `delete Role ${b}-istio-remote-reader`,
    `delete RoleBinding ${b}-istio-remote-reader`,
    `delete Secret ${a}-remote-secret-${b}`,
    `delete Secret ${b}-istio-reader-token-2-${a}`,
    `delete ServiceAccount ${b}-istio-remote-reader`,
  ]);
  await expect.poll(() => remoteClusters(stack, a), { timeout: 60_000 }).toEqual([]);
  expect(await knownAddresses(stack, a, b, app)).toEqual([]);
  await expectSynced(b);
  await expect.poll(() => stack.listAs(b, remoteSecretOf(secret)), { timeout: 30_000 }).toMatch(/must be logged in/);
});

test("another root takes the place of the first, and no certificate is refused on the way", async () => {
  const clusters = both.map((name) => kind(name));
  await replaceRoot(stack, both, (root) => stack.configure(settings(clusters, { links: [{ from: b, to: a }], root })));
});

test("a destroy leaves the machine as it was", async () => {
  expect(await stack.destroy()).toMatchObject({ error: undefined, messages: [] });
  expect(machine()).toEqual(before);
});

const asJson = ["--namespace=istio-system", "--output=json"];

const app = "global-echo";
const metadata = { name: app, namespace: "default" };

const globalService = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { ...metadata, labels: { "istio.io/global": "true" } },
  spec: { ports: [{ port: 8080 }], selector: { app } },
};

function deployment(replicas: number): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: app, image: inject("kindImages").echo, imagePullPolicy: "IfNotPresent" }],
        },
      },
    },
  };
}

/** What checks of the mesh that the stack's outputs tell of come to. */
async function check(...ids: readonly string[]): Promise<readonly CheckResult[]> {
  const chosen = ids.length === 0 ? checks : checks.filter(({ id }) => ids.includes(id));
  const kept = new Map((await stack.kept()).map(({ name, access }) => [name, access()]));
  const mesh = meshOf(await stack.outputs(), "the stack", (cluster) => {
    const access = kept.get(cluster);
    if (access === undefined) {
      throw new Error(`the state has no kubeconfig of ${cluster}`);
    }
    return access;
  });
  return runChecks(chosen, mesh);
}

/** Clusters and messages of what a check finds wrong. */
async function failures(id: string): Promise<[cluster: string | undefined, message: string][]> {
  const found = (await check(id)).flatMap(({ findings }) => findings);
  return found.filter(({ status }) => status === "failed").map(({ cluster, message }) => [cluster, message]);
}

async function expectSynced(cluster: string): Promise<void> {
  const peer = other(cluster);
  await expect
    .poll(() => remoteClusters(stack, cluster).catch(String), { timeout: 120_000, interval: 1000 })
    .toEqual([{ id: peer, secretName: `istio-system/istio-remote-secret-${peer}`, syncStatus: "synced" }]);
}

/** Has istiod know all pods of the other cluster, and no others. */
async function expectKnown(cluster: string): Promise<void> {
  const peer = other(cluster);
  await stack.kubectl(peer, "rollout", "status", `deployment/${app}`, "--timeout=120s");
  const ready = "--field-selector=status.phase=Running";
  const path = "jsonpath={.items[*].status.podIP}";
  await expect
    .poll(
      async () => [
        await knownAddresses(stack, cluster, peer, app),
        (await stack.kubectl(peer, "get", "pods", `--selector=app=${app}`, ready, "--output", path)).split(" ").sort(),
      ],
      { timeout: 60_000, interval: 1000 },
    )
    .toSatisfy(([known, there]: string[][]) => known?.join() === there?.join() && known?.length !== 0);
}

/** The kubeconfig in a remote Secret. */
function remoteSecretOf(secret: string): string {
  const { data } = JSON.parse(secret) as { readonly data: Readonly<Record<string, string>> };
  return Buffer.from(Object.values(data).join(""), "base64").toString();
}
