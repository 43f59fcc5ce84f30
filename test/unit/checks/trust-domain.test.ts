import { describe, expect, it } from "vitest";
import { trustDomain } from "../../../checks/mesh/trust-domain";
import type { Cluster } from "../../../checks/inventory";
import { fakeCluster } from "./fake-cluster";
import { bad, good, look } from "./run-check";
import { gateway } from "./workload";

function cluster(name: string, mesh: string | undefined, peers: Readonly<Record<string, string>> = {}): Cluster {
  const config = { metadata: { name: "istio", namespace: "istio-system" }, data: { mesh } };
  return fakeCluster(name, {
    "/apis/apps/v1/deployments": [],
    "/api/v1/configmaps": mesh === undefined ? [] : [config],
    "/apis/gateway.networking.k8s.io/v1/gateways": Object.entries(peers).map(([peer, domain]) =>
      gateway(
        `istio-eastwest/peer-${peer}`,
        "istio-remote",
        { "topology.istio.io/cluster": peer },
        { "gateway.istio.io/trust-domain": domain },
      ),
    ),
  });
}

const [ours, others] = ["trustDomain: cluster.local", "trustDomain: other.example"];

it("holds where all say the same, its default included", async () => {
  const clusters = [cluster("a", ours, { b: "cluster.local" }), cluster("b", "accessLogFile: /dev/stdout")];
  for (const expected of [{}, { trustDomain: "cluster.local" }]) {
    const findings = await look(trustDomain, clusters, expected);
    expect(bad(findings)).toEqual([]);
    expect(good(findings)).toEqual(
      ["a", "b"].map((name) => `passed ${name}: cluster.local in ConfigMap istio-system/istio`),
    );
  }
});

describe("a fault of the trust domain", () => {
  it("is another one than the settings', or than most", async () => {
    const fault = (name: string) =>
      `failed ${name}: the trust domain in ConfigMap istio-system/istio is other.example instead of cluster.local`;
    const mesh = [cluster("a", others), cluster("b", ours), cluster("c", ours)];
    expect(bad(await look(trustDomain, mesh))).toEqual([fault("a")]);
    expect(bad(await look(trustDomain, [cluster("a", others)], { trustDomain: "cluster.local" }))).toEqual([
      fault("a"),
    ]);
  });

  it("is a peer's Gateway that says another than the peer", async () => {
    const clusters = [cluster("a", ours, { b: "other.example" }), cluster("b", ours)];
    expect(bad(await look(trustDomain, clusters))).toEqual([
      "failed a: the annotation gateway.istio.io/trust-domain of Gateway istio-eastwest/peer-b is other.example, but the trust domain of b is cluster.local",
    ]);
    // Of a peer that is not looked at, the mesh's own is known.
    const alone = [cluster("a", ours, { c: "other.example" })];
    expect(bad(await look(trustDomain, alone, { trustDomain: "cluster.local" }))).toHaveLength(1);
    expect(bad(await look(trustDomain, alone))).toEqual([]);
  });

  it("is no configuration, or one that can't be read", async () => {
    expect(bad(await look(trustDomain, [cluster("a", undefined)]))).toEqual([
      expect.stringMatching(/^failed a: there is no ConfigMap istio/),
    ]);
    expect(bad(await look(trustDomain, [cluster("a", "a: [")]))).toEqual([
      expect.stringMatching(/^failed a: ConfigMap istio-system\/istio has no readable configuration/),
    ]);
  });
});
