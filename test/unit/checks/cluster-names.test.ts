import { describe, expect, it } from "vitest";
import { clusterNames } from "../../../checks/mesh/cluster-names";
import type { Cluster } from "../../../checks/inventory";
import { fakeCluster } from "./fake-cluster";
import { bad, good, look } from "./run-check";
import { container, gateway, workload } from "./workload";

interface Names {
  readonly istiod?: Readonly<Record<string, string>>;
  readonly ztunnel?: Readonly<Record<string, string>>;
  readonly value?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly gatewayClass?: string;
}

function cluster(name: string, names: Names = {}): Cluster {
  const {
    istiod = { CLUSTER_ID: name },
    ztunnel = { ISTIO_META_CLUSTER_ID: name },
    value = name,
    label = { "topology.istio.io/cluster": name },
    gatewayClass = "istio-eastwest",
  } = names;
  const values = JSON.stringify({ global: { multiCluster: { clusterName: value } } });
  return fakeCluster(name, {
    "/apis/apps/v1/deployments": [
      workload("istio-system/istiod", { app: "istiod" }, [container("discovery", "pilot:1", istiod)]),
    ],
    "/apis/apps/v1/daemonsets": [
      workload("istio-system/ztunnel", { app: "ztunnel" }, [container("istio-proxy", "ztunnel:1", ztunnel)]),
    ],
    "/api/v1/configmaps": [
      { metadata: { name: "istio-sidecar-injector", namespace: "istio-system" }, data: { values } },
    ],
    "/apis/gateway.networking.k8s.io/v1/gateways": [gateway("istio-eastwest/istio-eastwest", gatewayClass, label)],
  });
}

it("holds where every place has the cluster's own name", async () => {
  const findings = await look(clusterNames, [
    cluster("a"),
    cluster("b", { ztunnel: { CLUSTER_ID: "b" }, label: {}, gatewayClass: "istio-east-west" }),
    fakeClusterWithoutGateways("c"),
  ]);
  expect(bad(findings)).toEqual([]);
  expect(good(findings)).toEqual(["passed a: a in 4 places", "passed b: b in 3 places", "passed c: c in 3 places"]);
});

function fakeClusterWithoutGateways(name: string): Cluster {
  return cluster(name, { label: {}, gatewayClass: "other" });
}

describe("a fault of a cluster's name", () => {
  it.each<[string, Names, RegExp]>([
    ["istiod's variable", { istiod: { CLUSTER_ID: "x" } }, /istiod's variable CLUSTER_ID .* is x instead of a$/],
    ["no variable of istiod", { istiod: {} }, /istiod's variable CLUSTER_ID .* is missing; it should be a$/],
    [
      "ztunnel's variable",
      { ztunnel: { ISTIO_META_CLUSTER_ID: "x" } },
      /ztunnel's variable ISTIO_META_CLUSTER_ID .* is x/,
    ],
    [
      "ztunnel's second variable",
      { ztunnel: { ISTIO_META_CLUSTER_ID: "a", CLUSTER_ID: "x" } },
      /ztunnel's variable CLUSTER_ID .* is x/,
    ],
    ["no variable of ztunnel", { ztunnel: {} }, /ztunnel's variable ISTIO_META_CLUSTER_ID .* is missing/],
    ["istiod's value", { value: "x" }, /value global.multiCluster.clusterName .* is x/],
    ["no value", { value: "" }, /value global.multiCluster.clusterName .* is missing/],
    ["the Gateway's label", { label: { "topology.istio.io/cluster": "x" } }, /of Gateway istio-eastwest\/.* is x/],
    ["no label", { label: {} }, /of Gateway istio-eastwest\/istio-eastwest is missing/],
  ])("is %s", async (_, names, message) => {
    const found = bad(await look(clusterNames, [cluster("a", names), cluster("b")]));
    expect(found).toEqual([expect.stringMatching(message)]);
    expect(found[0]).toMatch(/^failed a: /);
  });

  it("is that nothing is there", async () => {
    expect(bad(await look(clusterNames, [fakeCluster("a", {})]))).toHaveLength(3);
  });

  it("is one name for two, whatever the contexts are called", async () => {
    const other = cluster("b", { istiod: { CLUSTER_ID: "a" } });
    expect(bad(await look(clusterNames, [cluster("a"), other]))).toEqual([
      expect.stringMatching(/^failed b: istiod's variable/),
      "failed between: the clusters of contexts a and b both have the name a in their istiods",
    ]);
  });
});
