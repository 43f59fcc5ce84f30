import { describe, expect, it } from "vitest";
import { clockSkew } from "../../../checks/mesh/clock-skew";
import type { Cluster } from "../../../checks/inventory";
import { fakeCluster, hollowNode, realNode } from "./fake-cluster";
import { bad, good, look } from "./run-check";

const now = Date.parse("2026-01-01T12:00:00.500Z");

/** What is wrong with clocks, in seconds: the API server's against this machine's, and the node's against the API server's. */
interface Skew {
  readonly server?: number;
  readonly node?: number;
  readonly trip?: number;
  readonly manager?: string;
  readonly lease?: boolean;
  readonly kind?: object;
}

function cluster(name: string, skew: Skew = {}): Cluster {
  const { server = 0, node = 0, trip = 0, manager = "kubelet", lease = true, kind = realNode } = skew;
  const second = (time: number) => new Date(Math.floor(time / 1000) * 1000);
  const kubelets = {
    metadata: { name: "node", managedFields: [{ manager, time: second(now).toISOString() }] },
    spec: { renewTime: new Date(now + node * 1000).toISOString() },
  };
  return fakeCluster(
    name,
    {
      "/api/v1/nodes": [kind],
      "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases": lease ? [kubelets] : [],
    },
    {
      clock: () =>
        Promise.resolve({
          server: second(now + server * 1000),
          asked: new Date(now - trip * 1000),
          answered: new Date(now + trip * 1000),
        }),
    },
  );
}

it("holds while clocks agree, as far as seconds and the way to them tell", async () => {
  const findings = await look(clockSkew, [cluster("a"), cluster("b", { server: 4, node: -4, manager: "k3s" })]);
  expect(bad(findings)).toEqual([]);
  expect(good(findings)).toContain("passed a: the clock of its node agrees with the API server's");
  expect(good(findings)).toContain("passed between: the clocks of 2 API servers agree with each other");
  expect(bad(await look(clockSkew, [cluster("a", { server: 20, trip: 20 })]))).toEqual([]);
});

it("does not take kwok's Leases for clocks", async () => {
  const findings = await look(clockSkew, [cluster("a", { kind: hollowNode, node: 900 })]);
  expect(bad(findings)).toEqual([]);
  expect(good(findings)).toContainEqual(expect.stringMatching(/^notObservable a: nodes of a kwok cluster/));
});

describe("a fault of a clock", () => {
  it("is a cluster's, told once against the others", async () => {
    const clusters = [cluster("a", { server: -90 }), cluster("b"), cluster("c")];
    expect(bad(await look(clockSkew, clusters))).toEqual([
      expect.stringMatching(/^warning a: the API server's clock is (89|90) s behind this machine's/),
      expect.stringMatching(/^failed between: the clock of a's API server is (88|89|90) s behind that of b/),
    ]);
    expect(bad(await look(clockSkew, [cluster("a"), cluster("b", { server: 20 })]))).toEqual([
      expect.stringMatching(/^warning b/),
      expect.stringMatching(/^warning between: the clock of b's API server is 1\d s ahead of that of a/),
    ]);
  });

  it("is this machine's alone", async () => {
    const clusters = [cluster("a", { server: 300 }), cluster("b", { server: 300 })];
    expect(bad(await look(clockSkew, clusters))).toEqual([
      expect.stringMatching(/^warning a: .* 300 s ahead of this machine's|^warning a: .* 299 s ahead/),
      expect.stringMatching(/^warning b/),
    ]);
  });

  it("is a node's", async () => {
    expect(bad(await look(clockSkew, [cluster("a", { node: 90 })]))).toEqual([
      expect.stringMatching(/^failed a: the clock of node node is (89|90) s ahead of its API server's/),
    ]);
    expect(bad(await look(clockSkew, [cluster("a", { node: -20 })]))).toEqual([
      expect.stringMatching(/^warning a: the clock of node node is 1\d s behind its API server's/),
    ]);
    expect(bad(await look(clockSkew, [cluster("a", { lease: false })]))).toEqual([
      expect.stringMatching(/^unknown a: the clock of node node is unknown: it has no Lease/),
    ]);
  });
});
