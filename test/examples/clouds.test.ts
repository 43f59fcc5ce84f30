/**
 * A stack for a cloud, rehearsed: the API server takes what clouds need of the east-west Gateway, and changes of it reach the cluster and
 * its peers in one update.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFolder } from "../../rehearsal/program";
import type { StackKeys } from "../../rehearsal/settings";
import { readStackFile } from "../../rehearsal/stack-file";
import { Environment } from "../kwok/environment";

const name = "istio-eastwest";

describe("examples/gke/Pulumi.gke.yaml", () => {
  let environment: Environment;
  let keys: StackKeys;
  const addresses = () => ["gke-1", "gke-2"].map((cluster) => peerOf(cluster));
  const peerOf = (cluster: string) => {
    const peer = `istio-remote-peer-${cluster === "gke-1" ? "gke-2" : "gke-1"}`;
    return environment.get(cluster, "gateway", peer, name)["spec"];
  };
  const uid = () => environment.kubectl("gke-1", "get", "gateway", name, "-n", name, "-o", "jsonpath={.metadata.uid}");
  const parameters = () =>
    environment.get("gke-1", "configmap", "istio-eastwest-service", name)["data"] as Readonly<Record<string, string>>;

  beforeAll(async () => {
    environment = await Environment.open();
    ({ keys } = await readStackFile(join(projectFolder, "examples", "gke"), "gke"));
    await environment.rehearse(keys);
  });
  afterAll(() => environment.down());

  it("has an internal load balancer for each cluster's Gateway, at the address that its peer knows", () => {
    expect(JSON.parse(parameters()["service"] ?? "")).toMatchObject({
      metadata: { annotations: { "networking.gke.io/load-balancer-type": "Internal" } },
      spec: { loadBalancerIP: "10.10.0.250", externalTrafficPolicy: "Local" },
    });
    expect(addresses()).toMatchObject([
      { addresses: [{ type: "IPAddress", value: "10.20.0.250" }] },
      { addresses: [{ type: "IPAddress", value: "10.10.0.250" }] },
    ]);
    expect(environment.get("gke-1", "horizontalpodautoscaler", name, name)["spec"]).toMatchObject({ minReplicas: 2 });
  });

  it("is changed in place, an address with it, and makes the Gateway anew for another class alone", async () => {
    const before = uid();
    const changed = (gateway: object): StackKeys => ({
      ...keys,
      clusters: (keys["clusters"] as readonly object[]).map((cluster, index) =>
        index === 0 ? { ...cluster, eastWestGateway: gateway } : cluster,
      ),
    });
    await environment.rehearse(changed({ loadBalancerIP: "10.10.0.251", labels: { team: "mesh" }, replicas: 3 }));
    expect(uid()).toBe(before);
    expect(peerOf("gke-2")).toMatchObject({ addresses: [{ value: "10.10.0.251" }] });
    expect(environment.get("gke-1", "gateway", name, name)["spec"]).toMatchObject({
      infrastructure: {
        labels: { team: "mesh", "topology.istio.io/cluster": "gke-1" },
        parametersRef: { name: "istio-eastwest-service" },
      },
    });
    expect(JSON.parse(parameters()["deployment"] ?? "")).toEqual({ spec: { replicas: 3 } });
    expect(environment.names("gke-1", "horizontalpodautoscalers", name)).toEqual([]);

    await environment.rehearse(changed({ loadBalancerIP: "10.10.0.251", loadBalancerClass: "example.com/internal" }));
    expect(uid()).not.toBe(before);
    expect(peerOf("gke-2")).toMatchObject({ addresses: [{ value: "10.10.0.251" }] });
  });
});

describe.each([
  {
    cloud: "eks",
    cluster: "eks-2",
    service: {
      metadata: {
        annotations: {
          "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
          "service.beta.kubernetes.io/aws-load-balancer-subnets": "subnet-0aaaaaaaaaaaaaaaa, subnet-0bbbbbbbbbbbbbbbb",
        },
      },
      spec: { loadBalancerClass: "service.k8s.aws/nlb", loadBalancerSourceRanges: ["10.32.0.0/16", "10.48.0.0/16"] },
    },
    budget: { minAvailable: 1 },
  },
  {
    cloud: "aks",
    cluster: "aks-2",
    service: {
      metadata: { annotations: { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" } },
      spec: { loadBalancerIP: "10.97.0.250", loadBalancerSourceRanges: ["10.96.0.0/15"] },
    },
    budget: { maxUnavailable: 1 },
  },
])("examples/$cloud/Pulumi.$cloud.yaml", ({ cloud, cluster, service, budget }) => {
  let environment: Environment;
  afterAll(() => environment.down());

  it("is rehearsed, with what its cloud needs of the Gateway's Service, and changes nothing the second time", async () => {
    environment = await Environment.open();
    const { keys } = await readStackFile(join(projectFolder, "examples", cloud), cloud);
    await environment.rehearse(keys);
    const parameters = environment.get(cluster, "configmap", "istio-eastwest-service", name)["data"] as {
      readonly service: string;
    };
    expect(JSON.parse(parameters.service)).toMatchObject(service);
    expect(environment.get(cluster, "poddisruptionbudget", name, name)["spec"]).toMatchObject(budget);
    const { changes } = await environment.rehearse(keys);
    expect(Object.keys(changes)).toEqual(["same"]);
  });
});
