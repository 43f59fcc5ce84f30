/**
 * Environments that are not the first one: three clusters of uneven size, OpenShift, one-way links, sidecars, both
 * distributions and both ways to link; and how they change from one rehearsal to the next.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Results } from "../../rehearsal/results";
import { Environment } from "./environment";

describe("solo with the peering chart", () => {
  const clusters = [
    { name: "hub", provisioner: "kind", workers: 2 },
    { name: "spoke", provisioner: "existing", context: "somewhere", platform: "openshift", region: "eu", zone: "eu-1" },
  ];
  const keys = {
    clusters,
    istioVersion: "1.29.0",
    linkMethod: "chart",
    links: [{ from: "hub", to: "spoke" }],
    demo: { sidecars: true },
  };
  let environment: Environment;
  let results: Results;

  beforeAll(async () => {
    environment = await Environment.open();
    results = await environment.rehearse(keys);
  });
  afterAll(() => environment.down());

  it("links one way, by the chart", () => {
    expect(results.links).toEqual([{ from: "hub", to: "spoke", via: "peering chart" }]);
    expect(environment.names("spoke", "gateways", "istio-eastwest")).toEqual(["istio-eastwest"]);
    const peer = environment.get("hub", "gateway", "istio-remote-peer-spoke", "istio-eastwest");
    expect(peer).toMatchObject({
      metadata: {
        labels: {
          "app.kubernetes.io/managed-by": "Helm",
          "topology.istio.io/network": "flat-network",
          "topology.kubernetes.io/region": "eu",
          "topology.kubernetes.io/zone": "eu-1",
        },
      },
      spec: { addresses: [results.eastWestAddresses["spoke"]] },
    });
  });

  it("installs the OpenShift variant where the platform is OpenShift", () => {
    const kind = "network-attachment-definitions.k8s.cni.cncf.io";
    expect(environment.names("spoke", kind, "default")).toEqual(["istio-cni"]);
    expect(() => environment.names("hub", kind, "default")).toThrow();
  });

  it("gives every node a pod of the CNI and of ztunnel", () => {
    expect(environment.names("hub", "nodes", "default")).toEqual(["hub-control-plane", "hub-worker", "hub-worker2"]);
    for (const name of ["istio-cni-node", "ztunnel"]) {
      expect(environment.get("hub", "daemonset", name, "istio-system")["status"]).toMatchObject({ numberReady: 3 });
    }
  });

  it("has the demo a second time with sidecars, out of the ambient mesh's hands", () => {
    expect(environment.names("spoke", "deployments", "demo")).toEqual([
      "global-service",
      "global-service-sidecar",
      "sleep",
      "sleep-sidecar",
    ]);
    const { spec } = environment.get("spoke", "deployment", "global-service-sidecar", "demo");
    expect(spec).toMatchObject({
      template: {
        metadata: { labels: { "sidecar.istio.io/inject": "true", "istio.io/dataplane-mode": "none", version: "v2" } },
      },
    });
  });
});

describe("community", () => {
  const cluster = (name: string): object => ({ name, provisioner: "kwok" });
  const keys = { distribution: "community", demo: true, clusters: ["a", "b", "c"].map(cluster) };
  let environment: Environment;
  let results: Results;

  beforeAll(async () => {
    environment = await Environment.open();
    results = await environment.rehearse(keys);
  });
  afterAll(() => environment.down());

  it("links every pair by remote secrets with which the peer's API server can be read", () => {
    expect(results.links).toHaveLength(6);
    const secret = environment.get("a", "secret", "istio-remote-secret-b", "istio-system");
    expect(secret.metadata).toMatchObject({
      labels: { "istio/multiCluster": "true" },
      annotations: { "networking.istio.io/cluster": "b" },
    });
    const kubeconfig = Buffer.from((secret["data"] as { readonly b: string }).b, "base64").toString("utf8");
    expect(environment.kubectlWith(kubeconfig, "get", "pods", "--namespace", "demo", "--output", "name")).toContain(
      "pod/global-service",
    );
    expect(() => environment.kubectlWith(kubeconfig, "delete", "namespace", "demo")).toThrow(/forbidden/i);
  });

  it("declares the service global as upstream does, and installs no licence", () => {
    expect(environment.get("c", "service", "global-service", "demo").metadata.labels).toMatchObject({
      "istio.io/global": "true",
    });
    const istiod = environment.kubectl("c", "get", "deployment", "istiod", "-n", "istio-system", "-o", "yaml");
    expect(istiod).toContain("AMBIENT_ENABLE_MULTI_NETWORK");
    expect(istiod).not.toContain("PEERING_ENABLE_FLAT_NETWORKS");
    expect(environment.names("c", "namespaces", "default")).not.toContain("istio-eastwest");
  });

  it("takes a cluster and its links away, and touches nothing else", async () => {
    const { changes } = await environment.rehearse({ ...keys, clusters: ["a", "b"].map(cluster) });
    expect(Object.keys(changes).sort()).toEqual(["delete", "same"]);
    expect(environment.names("a", "secrets", "istio-system").filter((name) => name.startsWith("istio-remote"))).toEqual(
      ["istio-remote-secret-b"],
    );
  });

  it("rebuilds a cluster whose subnet has changed, in one go, with everything inside", async () => {
    const changed = [cluster("a"), { ...cluster("b"), podSubnet: "10.77.0.0/16" }];
    await environment.rehearse({ ...keys, clusters: changed });
    const pods = environment.kubectl("b", "get", "pods", "-n", "demo", "-o", "jsonpath={.items[*].status.podIP}");
    expect(pods.split(" ").every((address) => address.startsWith("10.77."))).toBe(true);
    expect(Object.keys((await environment.rehearse({ ...keys, clusters: changed })).changes)).toEqual(["same"]);
  });
});
