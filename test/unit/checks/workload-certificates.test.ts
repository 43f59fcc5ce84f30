import { beforeAll, describe, expect, it } from "vitest";
import { workloadCertificates } from "../../../checks/mesh/workload-certificates";
import type { Cluster } from "../../../checks/inventory";
import { unreadTrust, type TrustState, type WorkloadCertificate } from "../../../istio";
import { type Issued, issue, parsed } from "./certificates";
import { fakeCluster, hollowNode, realNode } from "./fake-cluster";
import { bad, good, look } from "./run-check";

let old: Issued;
let next: Issued;
let leafOfOld: WorkloadCertificate["chain"];
let leafOfNext: WorkloadCertificate["chain"];
let ended: WorkloadCertificate["chain"];
let intermediates: { readonly old: Issued; readonly next: Issued };
beforeAll(async () => {
  old = await issue("Root CA");
  next = await issue("Root CA");
  intermediates = { old: await issue("east", { by: old }), next: await issue("east", { by: next }) };
  const leaf = async (by: Issued, days = 1) => [
    parsed(await issue("leaf", { by, days, since: -3, ca: false })),
    parsed(by),
  ];
  leafOfOld = await leaf(intermediates.old);
  leafOfNext = await leaf(intermediates.next);
  ended = await leaf(intermediates.old, -1);
});

function workload(chain: WorkloadCertificate["chain"], roots: readonly Issued[]): WorkloadCertificate {
  return {
    pod: "istio-system/ztunnel-1",
    identity: "spiffe://cluster.local/ns/demo/sa/sleep",
    chain,
    roots: roots.map(parsed),
  };
}

function cluster(
  name: string,
  workloads: readonly WorkloadCertificate[],
  facts: Partial<TrustState> = {},
  objects: Readonly<Record<string, object>> = {},
): Cluster {
  const trust = () => Promise.resolve({ ...unreadTrust(name), workloads, ...facts });
  return fakeCluster(name, { "/api/v1/nodes": [realNode], "/api/v1/pods": [], ...objects }, { trust });
}

const signing = (intermediate: Issued, trusted: readonly Issued[]) => ({
  cacerts: { trusted: trusted.map(parsed), chain: [parsed(intermediate)] },
});

describe("workloads' certificates that all accept", () => {
  it("are counted by root and intermediate", async () => {
    const own = cluster("east", [workload(leafOfOld, [old]), workload(leafOfOld, [old])]);
    const findings = await look(workloadCertificates, [own, cluster("west", [workload(leafOfOld, [old])])], {
      roots: { trusted: { first: old.pem }, signing: "first" },
    });
    expect(bad(findings)).toEqual([]);
    expect(good(findings)).toEqual([
      expect.stringMatching(/^passed east: 2 workload certificates: 2 on root first \(intermediate [0-9a-f]+\)$/),
      expect.stringMatching(/^passed west: 1 workload certificate: 1 on root first/),
    ]);
  });

  it("are not observable on kwok, and none where no workload is in the mesh", async () => {
    const hollow = cluster("east", [], {}, { "/api/v1/nodes": [hollowNode] });
    expect(await look(workloadCertificates, [hollow])).toMatchObject([{ status: "notObservable" }]);
    expect(await look(workloadCertificates, [cluster("east", [])])).toMatchObject([{ status: "notApplicable" }]);
  });
});

describe("a fault of workloads' certificates", () => {
  it("is one that has ended", async () => {
    const own = cluster("east", [workload(leafOfOld, [old]), workload(ended, [old])]);
    expect(bad(await look(workloadCertificates, [own]))).toEqual([
      expect.stringMatching(
        /^failed east: 2 workload certificates: .*; 1 of them has expired \(.*sa\/sleep in istio-system\/ztunnel-1\)/,
      ),
    ]);
  });

  it("is one that workloads of a linked cluster do not accept", async () => {
    const east = cluster("east", [workload(leafOfNext, [old, next])]);
    const west = cluster("west", [workload(leafOfOld, [old])]);
    expect(bad(await look(workloadCertificates, [east, west]))).toEqual([
      expect.stringMatching(/^failed east: 1 workload certificate: .*; workloads in west do not accept 1 of them/),
    ]);
    expect(bad(await look(workloadCertificates, [east, west], { links: [] }))).toEqual([]);
  });

  it("is that there are none although pods are in the mesh", async () => {
    const pod = {
      metadata: { name: "a", namespace: "demo", annotations: { "ambient.istio.io/redirection": "enabled" } },
      spec: {},
      status: { phase: "Running" },
    };
    expect(bad(await look(workloadCertificates, [cluster("east", [], {}, { "/api/v1/pods": [pod] })]))).toEqual([
      expect.stringMatching(/^failed east: no workload has a certificate, although 1 pod is in the mesh/),
    ]);
  });

  it("is not known where pods can't be looked into, and how to allow it is told", async () => {
    const own = cluster("east", [], { unseen: ["no connection to pod istio-system/ztunnel-1: 403"] });
    const findings = await look(workloadCertificates, [own]);
    expect(bad(findings)).toEqual([expect.stringMatching(/^unknown east: .*ztunnel-1: 403/)]);
    expect(findings[0]?.remedy).toContain("--subresource=portforward");
  });
});

describe("while two roots are trusted", () => {
  const stages = (findings: readonly { readonly status: string; readonly message: string }[]) =>
    findings
      .filter(({ message }) => / may (not )?/.test(message))
      .map(({ status, message }) => `${status}: ${message}`);
  const names = () => ({ roots: { trusted: { "2026": old.pem, "2027": next.pem }, signing: "2026" } });

  it("the new one may sign when every workload trusts it", async () => {
    const facts = signing(intermediates.old, [old, next]);
    const ready = cluster("east", [workload(leafOfOld, [old, next])], facts);
    expect(stages(await look(workloadCertificates, [ready], names()))).toEqual([
      "passed: root 2027 may sign next: everything here trusts it",
      "passed: root 2027 may be removed next: nothing here depends on it",
    ]);
    const early = cluster("east", [workload(leafOfOld, [old])], facts);
    expect(stages(await look(workloadCertificates, [early], names()))).toEqual([
      expect.stringMatching(/^warning: root 2027 may not sign next yet: 1 of 1 workload certificates came without/),
      expect.stringMatching(/^passed: root 2027 may be removed next/),
    ]);
  });

  it("the old one may go when no workload is of it", async () => {
    const facts = signing(intermediates.next, [old, next]);
    const ready = cluster("east", [workload(leafOfNext, [old, next])], facts);
    expect(stages(await look(workloadCertificates, [ready], names()))).toEqual([
      expect.stringMatching(/^passed: root 2026 may sign next/),
      "passed: root 2026 may be removed next: nothing here depends on it",
    ]);
    const early = cluster("east", [workload(leafOfOld, [old, next])], facts);
    expect(stages(await look(workloadCertificates, [early], names()))).toEqual([
      expect.stringMatching(/^passed: root 2026 may sign next/),
      expect.stringMatching(/^warning: root 2026 may not be removed next yet: 1 of 1 workload certificates chain to/),
    ]);
  });

  it("a cluster that has not followed holds the stage up, and one half seen leaves it open", async () => {
    const ahead = cluster("east", [workload(leafOfOld, [old, next])], signing(intermediates.old, [old, next]));
    const behind = cluster("west", [workload(leafOfOld, [old])], signing(intermediates.old, [old]));
    expect(bad(await look(workloadCertificates, [ahead, behind], names()))).toEqual([
      expect.stringMatching(/^warning west: root 2027 may not sign next yet: its Secret istio-system\/cacerts/),
    ]);
    const half = cluster("east", [workload(leafOfOld, [old, next])], {
      ...signing(intermediates.old, [old, next]),
      unseen: ["pod demo/a does not answer"],
    });
    expect(bad(await look(workloadCertificates, [half], names()))).toEqual([
      expect.stringMatching(/^unknown east: not all certificates could be read: pod demo\/a/),
      expect.stringMatching(/^unknown east: it is unknown whether root 2027 may sign next/),
      expect.stringMatching(/^unknown east: it is unknown whether root 2027 may be removed next/),
    ]);
  });
});
