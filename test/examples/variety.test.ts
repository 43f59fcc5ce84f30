/**
 * Example environments that are not the first one: three clusters of uneven size, one-way links, sidecars, both distributions
 * and both ways to link; and how they change from one rehearsal to the next.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFolder } from "../../rehearsal/program";
import type { Results } from "../../rehearsal/results";
import type { StackKeys } from "../../rehearsal/settings";
import { readStackFile } from "../../rehearsal/stack-file";
import { Environment } from "../kwok/environment";

describe("Pulumi.hub-and-spoke.yaml", () => {
  let environment: Environment;
  let keys: StackKeys;
  let results: Results;

  beforeAll(async () => {
    environment = await Environment.open();
    ({ keys } = await readStackFile(projectFolder, "hub-and-spoke"));
    results = await environment.rehearse(keys);
  });
  afterAll(() => environment.down());

  it("links one way, by the chart", () => {
    expect(results.links).toEqual([
      { from: "spoke-1", to: "hub", via: "peering chart" },
      { from: "spoke-2", to: "hub", via: "peering chart" },
    ]);
    expect(environment.names("hub", "gateways", "istio-eastwest")).toEqual(["istio-eastwest"]);
    const peer = environment.get("spoke-2", "gateway", "istio-remote-peer-hub", "istio-eastwest");
    expect(peer).toMatchObject({
      metadata: {
        labels: {
          "app.kubernetes.io/managed-by": "Helm",
          "topology.istio.io/network": "flat-network",
          "topology.kubernetes.io/region": "eu",
          "topology.kubernetes.io/zone": "eu-1",
        },
      },
      spec: { addresses: [results.eastWestAddresses["hub"]] },
    });
  });

  it("gives every node a pod of the CNI and of ztunnel", () => {
    expect(environment.names("hub", "nodes", "default")).toEqual(["hub-control-plane", "hub-worker", "hub-worker2"]);
    for (const name of ["istio-cni-node", "ztunnel"]) {
      expect(environment.get("hub", "daemonset", name, "istio-system")["status"]).toMatchObject({ numberReady: 3 });
    }
  });

  it("has the demo a second time with sidecars, out of the ambient mesh's hands", () => {
    expect(environment.names("spoke-1", "deployments", "demo")).toEqual([
      "global-service",
      "global-service-sidecar",
      "sleep",
      "sleep-sidecar",
    ]);
    const { spec } = environment.get("spoke-1", "deployment", "global-service-sidecar", "demo");
    expect(spec).toMatchObject({
      template: {
        metadata: { labels: { "sidecar.istio.io/inject": "true", "istio.io/dataplane-mode": "none", version: "v2" } },
      },
    });
  });

  it("is moved from the chart to Gateways of the program's own in two steps", async () => {
    await environment.rehearse({ ...keys, links: [] });
    expect(environment.names("spoke-2", "gateways", "istio-eastwest")).toEqual(["istio-eastwest"]);
    const { links } = await environment.rehearse({ ...keys, linkMethod: "gateways" });
    expect(links.map(({ via }) => via)).toEqual(["peer Gateway", "peer Gateway"]);
    const { metadata } = environment.get("spoke-2", "gateway", "istio-remote-peer-hub", "istio-eastwest");
    expect(metadata.labels?.["app.kubernetes.io/managed-by"]).not.toBe("Helm");
  });
});

describe("Pulumi.community.yaml", () => {
  let environment: Environment;
  let keys: StackKeys;
  let results: Results;
  const changed = (clusters: readonly object[]): StackKeys => ({ ...keys, clusters });
  const first = { name: "cluster-1", provisioner: "kind" };
  const second = { name: "cluster-2", provisioner: "kind", podSubnet: "10.77.0.0/16" };

  beforeAll(async () => {
    environment = await Environment.open();
    ({ keys } = await readStackFile(projectFolder, "community"));
    results = await environment.rehearse(keys);
  });
  afterAll(() => environment.down());

  it("links by remote secrets with which the peer's API server can be read", () => {
    expect(results.links).toHaveLength(2);
    const secret = environment.get("cluster-1", "secret", "istio-remote-secret-cluster-2", "istio-system");
    expect(secret.metadata).toMatchObject({
      labels: { "istio/multiCluster": "true" },
      annotations: { "networking.istio.io/cluster": "cluster-2" },
    });
    const [text = ""] = Object.values(secret["data"] as Readonly<Record<string, string>>);
    const kubeconfig = Buffer.from(text, "base64").toString("utf8");
    expect(environment.kubectlWith(kubeconfig, "get", "pods", "--namespace", "demo", "--output", "name")).toContain(
      "pod/global-service",
    );
    expect(() => environment.kubectlWith(kubeconfig, "delete", "namespace", "demo")).toThrow(/forbidden/i);
  });

  it("declares the service global as upstream does, and installs no licence", () => {
    expect(environment.get("cluster-2", "service", "global-service", "demo").metadata.labels).toMatchObject({
      "istio.io/global": "true",
    });
    const istiod = environment.kubectl("cluster-2", "get", "deployment", "istiod", "-n", "istio-system", "-o", "yaml");
    expect(istiod).toContain("AMBIENT_ENABLE_MULTI_NETWORK");
    expect(istiod).not.toContain("PEERING_ENABLE_FLAT_NETWORKS");
    expect(environment.names("cluster-2", "namespaces", "default")).not.toContain("istio-eastwest");
  });

  it("takes the policies of Pulumi.strict.yaml, in each cluster", async () => {
    const { changes } = await environment.rehearse((await readStackFile(projectFolder, "strict")).keys);
    // Four policies and a component in each cluster.
    expect(changes).toEqual({ same: expect.any(Number) as unknown, create: 10 });
    expect(environment.get("cluster-2", "peerauthentication", "default", "istio-system")).toMatchObject({
      spec: { mtls: { mode: "STRICT" } },
    });
    expect(environment.names("cluster-1", "authorizationpolicies", "demo")).toEqual(["global-service"]);
    expect(environment.names("cluster-1", "networkpolicies", "demo")).toEqual(["mesh-only"]);
  });

  it("rebuilds a cluster whose subnet has changed, in one go, with everything inside", async () => {
    const rebuilt = changed([first, second]);
    await environment.rehearse(rebuilt);
    const pods = environment.kubectl(
      "cluster-2",
      ...["get", "pods", "-n", "demo", "-o", "jsonpath={.items[*].status.podIP}"],
    );
    expect(pods.split(" ").every((address) => address.startsWith("10.77."))).toBe(true);
    expect(Object.keys((await environment.rehearse(rebuilt)).changes)).toEqual(["same"]);
  });

  it("takes a cluster and its links away, and touches nothing else", async () => {
    const { changes } = await environment.rehearse(changed([first]));
    expect(Object.keys(changes).sort()).toEqual(["delete", "same"]);
    const secrets = environment.names("cluster-1", "secrets", "istio-system");
    expect(secrets.filter((name) => name.startsWith("istio-remote"))).toEqual([]);
  });
});
