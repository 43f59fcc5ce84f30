import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { namePrefixOf } from "../../../components/clusters";
import { keyOf } from "../../../certificates";
import { countText, readTrust } from "../../../istio";
import { foreignAccess } from "../../../kubernetes";
import {
  certify,
  envoyDump,
  meshObjects,
  privateKeyOf,
  servedBelow,
  type TestCertificate,
  ztunnelDump,
} from "../../support/authorities";
import { existing, kind, parse } from "../settings/config";
import { FakeApiServer } from "../../support/fake-api-server";
import type { Served } from "../../support/pod-forward";
import { base64, type Inputs, refusals, run, type World } from "../components/mocks";
import { guardRoots } from "./parts";

const own = "organization/flatmesh/dev";
const east = "organization/flatmesh/east";

let old: TestCertificate;
let next: TestCertificate;
let oldIntermediate: TestCertificate;
let newIntermediate: TestCertificate;
let served: { readonly old: Served; readonly new: Served };
let leaves: { readonly old: string[]; readonly new: string[] };
beforeAll(async () => {
  const uri = "spiffe://cluster.local/ns/demo/sa/sleep";
  old = await certify("Root CA");
  next = await certify("Root CA 2027");
  oldIntermediate = await certify("Intermediate CA", old);
  newIntermediate = await certify("Intermediate CA 2027", next);
  const leaf = async (above: TestCertificate) => [(await certify("leaf", above, uri)).pem, above.pem];
  served = { old: await servedBelow(oldIntermediate), new: await servedBelow(newIntermediate) };
  leaves = { old: await leaf(oldIntermediate), new: await leaf(newIntermediate) };
});

let server: FakeApiServer;
let folder = "";
beforeEach(async () => {
  server = await FakeApiServer.open();
  folder = mkdtempSync(join(tmpdir(), "flatmesh-guard-"));
  writeFileSync(join(folder, "kubeconfig"), kubeconfigOf(server.url, "of-e"));
  vi.stubEnv("KUBECONFIG", join(folder, "kubeconfig"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
  server.close();
});

/** The cluster of the settings. */
function scope(): string {
  return parse({ clusters: [kind("a")] })
    .clusters.map(namePrefixOf)
    .join();
}

type Stage = "old" | "both" | "signed" | "new";
const settingsOf: Readonly<Record<Stage, object>> = {
  old: { trusted: ["first"] },
  both: { trusted: ["first", 2027], signing: "first" },
  signed: { trusted: ["first", 2027], signing: 2027 },
  new: { trusted: [2027] },
};

function rootsAt(stage: Stage): object {
  const trusted = {
    ...(stage !== "new" && { first: old.pem }),
    ...(stage !== "old" && { "2027": next.pem }),
  };
  return { trusted, signing: stage === "old" || stage === "both" ? "first" : "2027" };
}

function outputsAt(stage: Stage, cluster = "a", url = server.url): Inputs {
  return { clusters: { [cluster]: { kubeconfig: kubeconfigOf(url), context: "it" } }, roots: rootsAt(stage) };
}

function kubeconfigOf(url: string, context = "it"): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    contexts: [{ name: context, context: { cluster: "it", user: "it" } }],
    clusters: [{ name: "it", cluster: { server: url } }],
    users: [{ name: "it", user: {} }],
  });
}

/** The way to the stack's cluster, as its state has it. */
function keptAt(url = server.url): readonly [string, Inputs] {
  return [`flatmesh:clusters:KindCluster ${scope()}`, { kubeconfig: kubeconfigOf(url), context: "it" }];
}

/** A peer stack with a cluster `e`, which whoever runs this reaches by that context of their own kubeconfig. */
function peerAt(stage: Stage, context = "of-e"): Inputs {
  const e = { network: "flat-network", trustDomain: "cluster.local", context };
  return { meshPeer: { version: 1, distribution: "solo", ...e, clusters: { e: { context } }, roots: rootsAt(stage) } };
}

/** The cluster as it is when everything has followed the stage. */
function playCluster(
  stage: Stage,
  workloads: readonly string[] = stage === "signed" || stage === "new" ? leaves.new : leaves.old,
  roots = trustedAt(stage),
) {
  const above = stage === "old" || stage === "both" ? oldIntermediate : newIntermediate;
  const files = { "ca-cert.pem": above.pem, "root-cert.pem": trustedAt(stage).join("") };
  for (const [path, object] of meshObjects(files, trustedAt(stage).join(""), [{ name: "ztunnel-x" }])) {
    server.objects.set(path, object);
  }
  server.pods.set("ztunnel-x", ztunnelDump([{ chain: workloads, roots }]));
  server.served.set("istiod", above === oldIntermediate ? served.old : served.new);
}

/** Roots that the stack has made itself, as its state has them. */
function stateAt(stage: Stage): NonNullable<World["state"]> {
  const made = (name: string, { pem }: TestCertificate) =>
    [`tls:index/selfSignedCert:SelfSignedCert ${name}`, { certPem: pem }] as const;
  return [
    keptAt(),
    ...(stage === "new" ? [] : [made("root", old)]),
    ...(stage === "old" ? [] : [made("root-2027", next)]),
  ];
}

function trustedAt(stage: Stage): string[] {
  return [...(stage === "new" ? [] : [old.pem]), ...(stage === "old" ? [] : [next.pem])];
}

interface Case {
  readonly more?: object;
  readonly peers?: Readonly<Record<string, Inputs>>;
  readonly preview?: boolean;
  readonly has?: Inputs;
  readonly state?: World["state"];
}

function guard(
  from: Stage,
  to: Stage,
  { more = {}, peers = {}, preview = false, has = outputsAt(from), state = stateAt(from) }: Case = {},
) {
  const root = { generate: {}, ...settingsOf[to], ...more };
  return guardOf(root, { preview, state, stacks: { [own]: has, ...peers } }, Object.keys(peers));
}

function guardOf(root: object, world: World, peerStacks: readonly string[] = []) {
  const settings = parse({ clusters: [kind("a")], root, peerStacks });
  return refusals(() => run(() => guardRoots(settings), world));
}

/** What is warned of from now on. */
function warnings(): () => string[] {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  onTestFinished(() => {
    warn.mockRestore();
  });
  return () => warn.mock.calls.map(([text]) => text);
}

const order: readonly Stage[] = ["old", "both", "signed", "new"];
const neighbours = order.flatMap((from, index) =>
  [order[index - 1], order[index + 1]].flatMap((to) => (to === undefined ? [] : [[from, to] as const])),
);

describe("a stage whose clusters have followed", () => {
  it.each(neighbours)("leads from %s to %s", async (from, to) => {
    playCluster(from);
    expect(await guard(from, to)).toEqual([]);
  });

  it.each(["old", "new"] as const)("%s is one without a step: no cluster is asked", async (stage) => {
    expect(await guard(stage, stage, { has: outputsAt(stage, "a", "http://127.0.0.1:1") })).toEqual([]);
  });
});

describe("a skipped stage", () => {
  const apart = order.flatMap((from, one) =>
    order.flatMap((to, other) => (Math.abs(one - other) > 1 ? [[from, to] as const] : [])),
  );
  it.each(apart)("from %s to %s is refused whatever the clusters say", async (from, to) => {
    playCluster(from);
    // The stack has both roots: there is no need to skip one.
    for (const more of [{}, { unverified: 2027 }, { unverified: "first" }]) {
      const [message = "", ...others] = await guard(from, to, { more });
      expect(others).toEqual([]);
      expect(message).toMatch(/^root: a stage is skipped; nothing was changed\. This stack trusts/);
    }
  });

  it("is one to another root of the keeper's, which passes by name where the old one is lost, and leaves a warning behind", async () => {
    const has = { ...outputsAt("old"), roots: { trusted: { first: old.pem }, signing: "first" } };
    const keeper = { roots: { trusted: { first: next.pem }, signing: "first" } };
    const follow = async (from: Inputs, more: object) => {
      const settings = parse({ clusters: [kind("a")], root: { stack: east, ...more } });
      return refusals(() => run(() => guardRoots(settings), { stacks: { [own]: from, [east]: keeper } }));
    };
    expect((await follow(has, {})).join()).toMatch(/stage is skipped[^]*lost for good[^]*unverified: "first"/);
    const said = warnings();
    expect(await follow(has, { unverified: "first" })).toEqual([]);
    expect(await follow({ ...has, ...keeper }, { unverified: "first" })).toEqual([]);
    expect(said()).toEqual([
      expect.stringMatching(/^root: a stage is skipped/),
      "root.unverified names root first, which this update does not change: take it out of the settings.",
    ]);
  });
});

describe("the new root may not sign", () => {
  it("while a workload's certificate came without it", async () => {
    playCluster("both", leaves.old, [old.pem]);
    expect((await guard("both", "signed")).join()).toMatch(
      /root 2027 can't sign yet; nothing was changed:\n {2}- cluster a: 1 of 1 workload certificates came without root 2027 \(istio-system\/ztunnel-x\)/,
    );
  });

  it("while a Secret or istiod does not have it", async () => {
    playCluster("old", leaves.old, [old.pem, next.pem]);
    const [message = ""] = await guard("both", "signed");
    expect(message).toMatch(/cacerts does not have root 2027/);
    expect(message).toMatch(/istiod has not published root 2027 yet/);
  });

  it("while a sidecar does not trust it", async () => {
    playCluster("both");
    server.pods.set("ztunnel-x", envoyDump(leaves.old, [old.pem]));
    expect((await guard("both", "signed")).join()).toMatch(/1 of 1 workload certificates came without root 2027/);
    server.pods.set("ztunnel-x", envoyDump(leaves.old, [old.pem, next.pem]));
    expect(await guard("both", "signed")).toEqual([]);
  });

  it.each([
    ["1.28.5", "2025-12-31T00:00:00Z", true],
    ["1.28.5", "2026-01-02T00:00:00Z", false],
    ["1.29.1", "2025-12-31T00:00:00Z", true],
    ["1.29.2", "2025-12-31T00:00:00Z", false],
    ["1.31.0", "2025-12-31T00:00:00Z", false],
    ["unknown", "2026-01-02T00:00:00Z", false],
  ])(
    "while a ztunnel %s that has started at %s accepts istiod by the old roots: %s",
    async (version, startTime, refused) => {
      playCluster("both");
      const files = { "ca-cert.pem": oldIntermediate.pem, "root-cert.pem": trustedAt("both").join("") };
      for (const [path, object] of meshObjects(files, trustedAt("both").join(""), [{ name: "ztunnel-x", startTime }])) {
        server.objects.set(path, object);
      }
      server.pods.set("ztunnel-x", ztunnelDump([{ chain: leaves.old, roots: trustedAt("both") }], version));
      expect(/a ztunnel accepts istiod by the previous roots/.test((await guard("both", "signed")).join())).toBe(
        refused,
      );
    },
  );

  it("while a ztunnel that does not tell its version may accept istiod by the old roots", async () => {
    playCluster("both");
    const pods = [{ name: "ztunnel-x", startTime: "2025-12-31T00:00:00Z" }];
    const files = { "ca-cert.pem": oldIntermediate.pem, "root-cert.pem": trustedAt("both").join("") };
    for (const [path, object] of meshObjects(files, trustedAt("both").join(""), pods)) {
      server.objects.set(path, object);
    }
    server.pods.set("ztunnel-x", ztunnelDump([{ chain: leaves.old, roots: trustedAt("both") }], "unknown"));
    expect((await guard("both", "signed")).join()).toMatch(
      /whether istio-system\/ztunnel-x accept istiod by the current roots is unknown, since they do not report/,
    );
    // Which roots it has read is of no matter to one that goes.
    expect(await guard("both", "old")).toEqual([]);
  });

  it("while istiod signs with what is of none of the roots in its Secret", async () => {
    playCluster("both");
    server.served.set("istiod", await servedBelow(await certify("of its own")));
    expect((await guard("both", "signed")).join()).toMatch(
      /its istiod signs with a certificate that chains to none of the roots in its Secret istio-system\/cacerts \(istio-system\/istiod\)/,
    );
  });

  it("while a peer stack does not trust it, by its own word and by its clusters", async () => {
    playCluster("both");
    const [message = ""] = await guard("both", "signed", { peers: { [east]: peerAt("old") } });
    expect(message).toContain(`${east} does not trust root 2027 yet: run pulumi up on it first.`);
    expect(await guard("both", "signed", { peers: { [east]: peerAt("both") } })).toEqual([]);
  });
});

describe("the old root may not be dropped", () => {
  it("while a workload's certificate is of it", async () => {
    playCluster("signed", leaves.old);
    expect((await guard("signed", "new")).join()).toMatch(
      /root first can't be dropped yet; nothing was changed:\n {2}- cluster a: 1 of 1 workload certificates chain to root first/,
    );
  });

  it("while an intermediate is of it", async () => {
    playCluster("both", leaves.new);
    expect((await guard("signed", "new")).join()).toMatch(/cluster a: its intermediate chains to root first/);
  });

  it("while istiod signs with what is of it, although its Secret has another intermediate", async () => {
    playCluster("signed");
    server.served.set("istiod", served.old);
    expect((await guard("signed", "new")).join()).toMatch(
      /cluster a: its istiod signs with an intermediate of root first \(istio-system\/istiod\)/,
    );
    playCluster("both");
    server.served.set("istiod", served.new);
    expect((await guard("both", "old")).join()).toMatch(/its istiod signs with an intermediate of root 2027/);
  });

  it("while a peer stack signs with it", async () => {
    playCluster("signed");
    const [message = ""] = await guard("signed", "new", { peers: { [east]: peerAt("both") } });
    expect(message).toContain(`${east} still signs with root first: run pulumi up on it first.`);
  });
});

describe("a cluster that can't be looked at", () => {
  const lost = () => [...stateAt("both").filter((entry) => entry[0] !== keptAt()[0]), keptAt("http://127.0.0.1:1")];

  it("has an up refused, and a plan say so", async () => {
    const said = warnings();
    expect((await guard("both", "signed", { state: lost() })).join()).toMatch(
      /whether root 2027 can sign is not known[^]*cluster a: .*ECONNREFUSED[^]*write unverified: "2027"/,
    );
    expect(await guard("both", "signed", { state: lost(), preview: true })).toEqual([]);
    expect(said()[0]).toMatch(/is not known/);
  });

  it("is passed over where the settings name the root, and only that one", async () => {
    expect(await guard("both", "signed", { state: lost(), more: { unverified: 2027 } })).toEqual([]);
    const said = warnings();
    expect((await guard("both", "signed", { state: lost(), more: { unverified: "first" } })).length).toBe(1);
    expect(said().length).toBe(0);
  });

  it("is a pod that does not answer, too", async () => {
    playCluster("both");
    server.pods.delete("ztunnel-x");
    expect((await guard("both", "signed")).join()).toMatch(/no connection to pod istio-system\/ztunnel-x: .*404/);
    server.pods.set("ztunnel-x", null);
    expect((await guard("both", "signed")).join()).toMatch(/ztunnel-x does not answer: .*connection refused/);
    server.pods.set("ztunnel-x", { hello: "world" });
    expect((await guard("both", "signed")).join()).toMatch(/ztunnel-x does not report its certificates/);
  });

  it("is an istiod that does not answer", async () => {
    playCluster("both");
    server.served.delete("istiod");
    expect((await guard("both", "signed")).join()).toMatch(/no connection to pod istio-system\/istiod: .*404/);
  });

  it("is one that the stack has given certificates in an update that was never completed", async () => {
    const made = stateAt("both").filter((entry) => entry[0] !== keptAt()[0]);
    const state = [...made, `kubernetes:core/v1:Secret ${scope()}-cacerts`];
    expect((await guard("both", "signed", { state })).join()).toMatch(
      /cluster a: this stack's state has no kubeconfig of it, since its creation was never completed/,
    );
  });

  it("is one of a stack that this one signs for and does not know", async () => {
    playCluster("both");
    const more = { generate: { issueFor: ["e"] } };
    expect((await guard("both", "signed", { more })).join()).toMatch(
      /cluster e of issueFor belongs to no stack in peerStacks/,
    );
    expect(await guard("both", "signed", { more, peers: { [east]: peerAt("both") } })).toEqual([]);
  });

  it("is one of a peer stack that the engineer's own kubeconfig has no context for", async () => {
    playCluster("both");
    const peers = { [east]: peerAt("both", "kind-e") };
    expect((await guard("both", "signed", { peers })).join()).toMatch(
      /is not known[^]*cluster e of organization\/flatmesh\/east: your own kubeconfig .* has no context kind-e /,
    );
    const said = warnings();
    expect(await guard("both", "signed", { peers, preview: true })).toEqual([]);
    expect(said()[0]).toMatch(/no context kind-e/);
    expect(await guard("both", "signed", { peers, more: { unverified: 2027 } })).toEqual([]);
  });

  it("is never looked at by a kubeconfig that its stack hands out, which may run programs", async () => {
    playCluster("both");
    const ran = join(folder, "ran");
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "touch",
      args: [ran],
      interactiveMode: "Never",
    };
    const kubeconfig = kubeconfigOf(server.url, "kind-e").replace('"user":{}', `"user":${JSON.stringify({ exec })}`);
    expect(kubeconfig).toContain("touch");
    const e = { network: "flat-network", trustDomain: "cluster.local", context: "kind-e", kubeconfig };
    const peers = { [east]: { clusters: { e }, roots: rootsAt("both") } };
    expect((await guard("both", "signed", { peers })).join()).toMatch(/no context kind-e/);
    expect((await guard("both", "signed", { peers, preview: true })).join()).toBe("");
    expect(existsSync(ran)).toBe(false);
  });

  it("is one of a peer stack that is not to be found, or not to be read", async () => {
    playCluster("both");
    const settings = parse({
      clusters: [kind("a")],
      root: { generate: {}, ...settingsOf.signed },
      peerStacks: [east],
    });
    const stacks = { [own]: outputsAt("both") };
    expect((await refusals(() => run(() => guardRoots(settings), { stacks, state: stateAt("both") }))).join()).toMatch(
      /is not known[^]*stack organization\/flatmesh\/east: it does not exist, or whoever runs this may not read it/,
    );
    // One that was destroyed has no outputs, and no clusters.
    const gone = { ...stacks, [east]: {} };
    expect(await refusals(() => run(() => guardRoots(settings), { stacks: gone, state: stateAt("both") }))).toEqual([]);
  });

  it("is not one whose nodes only say that they run", async () => {
    playCluster("both", leaves.old, [old.pem]);
    server.objects.set("/api/v1/nodes", { items: [{ metadata: { name: "node" } }] });
    expect(await guard("both", "signed")).toEqual([]);
  });
});

it("keeps the Secrets that the stack has made from being deleted where somebody else is to keep them", async () => {
  const settings = parse({
    clusters: [existing("a"), existing("b")],
    root: { existing: true },
    loadBalancer: undefined,
  });
  const guarded = (...state: string[]) => refusals(() => run(() => guardRoots(settings), { state }));
  expect(await guarded("kubernetes:core/v1:Secret b-cacerts")).toEqual([
    expect.stringMatching(/would delete the Secret istio-system\/cacerts .*\(clusters b\).*the section named below/),
  ]);
  expect(await guarded("kubernetes:core/v1:Secret gone-cacerts")).toEqual([]);
});

it("says when root.unverified is left over", async () => {
  const said = warnings();
  expect(await guard("new", "new", { more: { unverified: "first" } })).toEqual([]);
  expect(said()[0]).toBe(
    "root.unverified names root first, which this update does not change: take it out of the settings.",
  );
});

it("counts certificates by root and intermediate", async () => {
  playCluster("both");
  server.pods.set(
    "ztunnel-x",
    ztunnelDump([leaves.old, leaves.old, leaves.new].map((chain) => ({ chain, roots: trustedAt("both") }))),
  );
  const facts = await readTrust("a", foreignAccess(kubeconfigOf(server.url), "it", "it"));
  const names = new Map([
    [keyOf(new X509Certificate(old.pem)), "first"],
    [keyOf(new X509Certificate(next.pem)), "2027"],
  ]);
  expect(countText(facts, names)).toMatch(
    /^3 workload certificates: 2 on root first \(intermediate [0-9a-f]+\), 1 on root 2027 \(intermediate [0-9a-f]+\)$/,
  );
});

describe("a root that comes from elsewhere", () => {
  const world = (root: TestCertificate, more: World = {}): World => ({
    stacks: { [own]: { ...outputsAt("old"), roots: { trusted: { first: root.pem }, signing: "first" } } },
    ...more,
  });

  it("is another one than a root of this stack's own, whatever its name", async () => {
    playCluster("old");
    const [message = "", ...others] = await guardOf({ generate: {} }, world(old));
    expect(others).toEqual([]);
    expect(message).toMatch(/^root: a stage is skipped; nothing was changed\./);
    expect(message).toMatch(/A root that this stack has yet to create would be trusted and sign at once/);
  });

  it("is the same one where another stack's is of the same key", async () => {
    const keeper = { roots: { trusted: { first: old.pem }, signing: "first" } };
    const stacks = { ...world(old).stacks, [east]: keeper };
    expect(await guardOf({ stack: east }, { stacks, state: stateAt("old") })).toEqual([]);
  });
});

describe("before an update was completed", () => {
  const secret = (above: TestCertificate, root: TestCertificate) => {
    const data = { "ca-cert.pem": base64(above.pem), "root-cert.pem": base64(root.pem), "cert-chain.pem": "" };
    return [`kubernetes:core/v1:Secret ${scope()}-cacerts`, { data }] as const;
  };

  it("another root is a skipped stage, since clusters run already", async () => {
    const state = [...stateAt("old"), secret(oldIntermediate, old)];
    expect((await guardOf({ generate: {}, trusted: [2027] }, { state })).join()).toMatch(/a stage is skipped/);
    expect(await guardOf({ generate: {} }, { state })).toEqual([]);
  });

  it("any root may be the first one where no cluster has certificates", async () => {
    expect(await guardOf({ generate: {}, trusted: [2027] }, { state: stateAt("old") })).toEqual([]);
  });
});

describe("certificates that somebody else has kept in a cluster that the stack made", () => {
  const release = () => `kubernetes:helm.sh/v3:Release ${scope()}-istiod`;
  const state = () => [release(), keptAt()];
  const has = (): Inputs => ({ rootCertificate: old.pem });

  it("are not replaced by those of a root that is yet to be made", async () => {
    playCluster("old");
    expect((await guardOf({ generate: {} }, { state: state(), stacks: { [own]: has() } })).join()).toMatch(
      /a stage is skipped[^]*The certificates of this stack's clusters were managed elsewhere[^]*root: \{certificate, privateKey\}/,
    );
  });

  it("are replaced by those of the same root, also while the Secret is gone", async () => {
    playCluster("old");
    const given = { certificate: old.pem, privateKey: privateKeyOf(old), intermediateValidityDays: 1 };
    expect(await guardOf(given, { state: state(), stacks: { [own]: has() } })).toEqual([]);
    server.objects.delete("/api/v1/namespaces/istio-system/secrets/cacerts");
    expect(await guardOf(given, { state: state(), stacks: { [own]: has() } })).toEqual([]);
  });

  it("are not replaced where the cluster can't be looked at", async () => {
    const stacks = { [own]: has() };
    const said = warnings();
    for (const [left, reason] of [
      [[release(), keptAt("http://127.0.0.1:1")], /not known:\n {2}- cluster a: .*ECONNREFUSED/],
      [[release()], /not known:\n {2}- cluster a: this stack's state has no kubeconfig of it/],
    ] as const) {
      expect((await guardOf({ generate: {} }, { state: left, stacks })).join()).toMatch(reason);
      expect(await guardOf({ generate: {} }, { state: left, stacks, preview: true })).toEqual([]);
    }
    expect(said().length).toBe(2);
  });
});
