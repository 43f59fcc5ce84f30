import { describe, expect, it } from "vitest";
import { dnsCapture } from "../../../checks/mesh/dns-capture";
import { environment } from "../../../checks/mesh/environment";
import { license } from "../../../checks/mesh/license";
import { pods } from "../../../checks/mesh/pods";
import { reachable } from "../../../checks/mesh/reachable";
import { subnets } from "../../../checks/mesh/subnets";
import { Forbidden, Unreachable } from "../../../kubernetes";
import { fakeCluster, hollowNode, realNode, type Recorded } from "./fake-cluster";
import { found } from "./found";
import { istiod, type Labels, meshObjects, pod, variables, waiting, workload } from "./mesh-objects";

const east = (recorded: Recorded, overrides: Parameters<typeof fakeCluster>[2] = {}) =>
  fakeCluster("east", recorded, overrides);

describe("reachable", () => {
  it("holds where the API server answers and every node is Ready", async () => {
    expect(await found(reachable, [east({ "/api/v1/nodes": [realNode] })])).toEqual([
      "passed east: answers, with 1 node",
    ]);
  });

  it.each<[string, Error]>([
    ["no answer", new Unreachable("connect ECONNREFUSED")],
    ["no permission", new Forbidden("nodes is forbidden")],
  ])("is a finding where there is %s, and the other cluster is looked at all the same", async (_, error) => {
    const dead = fakeCluster("west", { "/api/v1/nodes": error });
    expect(await found(reachable, [dead, east({ "/api/v1/nodes": [realNode] })])).toEqual([
      `failed west: can't be read: ${error.message}`,
      "passed east: answers, with 1 node",
    ]);
  });

  it("names a node that is not Ready, and a cluster without nodes", async () => {
    const stopped = { ...realNode, metadata: { name: "stopped" }, status: { ...realNode.status, conditions: [] } };
    expect(await found(reachable, [east({ "/api/v1/nodes": [realNode, stopped] })])).toContain(
      "failed east: node stopped is not Ready",
    );
    expect(await found(reachable, [east({ "/api/v1/nodes": [] })])).toEqual(["failed east: it has no nodes"]);
  });
});

describe("istiod-environment", () => {
  const spoiled = (of: Labels, change: Readonly<Record<string, string | undefined>>) => {
    const entries = Object.entries({ ...of, ...change }).filter(([, value]) => value !== undefined);
    return { ...meshObjects(), "/apis/apps/v1/deployments": [istiod(Object.fromEntries(entries) as Labels)] };
  };

  it.each(["solo", "community"] as const)("holds for %s as it is installed", async (distribution) => {
    expect(await found(environment, [east(meshObjects(variables[distribution]))])).toEqual([
      "passed east: Deployment istio-system/istiod has all required variables",
    ]);
  });

  it.each([
    ["solo", { ENABLE_PEERING_DISCOVERY: undefined }, /^failed east: .*ENABLE_PEERING_DISCOVERY not set/],
    ["solo", { PEERING_ENABLE_FLAT_NETWORKS: "false" }, /^failed east: .*PEERING_ENABLE_FLAT_NETWORKS "false"/],
    ["solo", { K8S_SELECT_WORKLOAD_ENTRIES: "false" }, /^failed east: .*K8S_SELECT_WORKLOAD_ENTRIES "false"/],
    ["community", { AMBIENT_ENABLE_MULTI_NETWORK: undefined }, /^failed east: .*AMBIENT_ENABLE_MULTI_NETWORK not set/],
    ["community", { PILOT_ENABLE_AMBIENT: "false" }, /^failed east: .*PILOT_ENABLE_AMBIENT "false"/],
    ["community", { PILOT_ENABLE_IP_AUTOALLOCATE: "false" }, /^failed east: .*PILOT_ENABLE_IP_AUTOALLOCATE "false"/],
    ["community", { ISTIO_MULTIROOT_MESH: undefined }, /^warning east: .*ISTIO_MULTIROOT_MESH/],
  ] as const)("finds %s with %o", async (distribution, change, message) => {
    const mesh = [east(spoiled(variables[distribution], change))];
    expect(await found(environment, mesh, { distribution })).toContainEqual(expect.stringMatching(message));
  });

  it("goes by the settings' distribution, whatever istiod looks like", async () => {
    expect(await found(environment, [east(meshObjects(variables.community))], { distribution: "solo" })).toContainEqual(
      expect.stringMatching(/^failed east: .*ENABLE_PEERING_DISCOVERY not set/),
    );
  });

  it("finds that there is no istiod", async () => {
    expect(await found(environment, [east({ "/api/v1/nodes": [realNode] })])).toEqual([
      "failed east: istiod is not installed (no Deployment has the label app=istiod)",
    ]);
  });
});

describe("pods", () => {
  it("holds where every part has its pods, wherever the CNI lives", async () => {
    expect(await found(pods, [east(meshObjects())])).toEqual([
      "passed east: istiod: 1 Ready",
      "passed east: the CNI node agent: 1 Ready",
      "passed east: ztunnel: 1 Ready",
    ]);
  });

  it("takes none for a failure: no workload, or none of its pods", async () => {
    const without = { ...meshObjects(), "/api/v1/pods": [], "/apis/apps/v1/daemonsets": [] };
    expect(await found(pods, [east(without)])).toEqual([
      "failed east: istiod: Deployment istio-system/istiod has no pods",
      "failed east: the CNI node agent: there is no DaemonSet",
      "failed east: ztunnel: there is no DaemonSet",
    ]);
  });

  it("names a pod that is not Ready with its reason, and a node without one", async () => {
    const broken: Recorded = {
      ...meshObjects(),
      "/api/v1/pods": [
        pod("istio-system", "istiod-1", { app: "istiod" }, waiting),
        pod("istio-system", "ztunnel-1", { app: "ztunnel" }),
        pod("istio-cni", "istio-cni-node-1", { "k8s-app": "istio-cni-node" }),
      ],
      "/apis/apps/v1/daemonsets": [
        workload("istio-system", "ztunnel", { app: "ztunnel" }, {}, { status: { desiredNumberScheduled: 2 } }),
        workload("istio-cni", "istio-cni-node", { "k8s-app": "istio-cni-node" }),
      ],
    };
    expect(await found(pods, [east(broken)])).toEqual([
      "failed east: istiod: pod istio-system/istiod-1 is not Ready (main: ImagePullBackOff)",
      "passed east: the CNI node agent: 1 Ready",
      "failed east: ztunnel: DaemonSet istio-system/ztunnel has 1 of 2 pods",
    ]);
  });

  it("does not believe the pods of a kwok cluster", async () => {
    const all = await found(pods, [east({ ...meshObjects(), "/api/v1/nodes": [hollowNode] })]);
    expect(all).toHaveLength(3);
    expect(all.every((line) => line.startsWith("notObservable"))).toBe(true);
  });

  it("finds an east-west Gateway without pods", async () => {
    const gateway = {
      metadata: { namespace: "istio-eastwest", name: "istio-eastwest" },
      spec: { gatewayClassName: "istio-eastwest", listeners: [] },
    };
    const gateways = { "/apis/gateway.networking.k8s.io/v1/gateways": [gateway] };
    expect(await found(pods, [east({ ...meshObjects(), ...gateways })])).toContain(
      "failed east: east-west Gateway istio-eastwest/istio-eastwest: there is no Deployment",
    );
  });
});

describe("license", () => {
  const key = (exp: number) => `e30.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.signature`;
  const inDays = (days: number) => Math.floor(Date.now() / 1000) + days * 86_400;
  const solo = (licence: object, more: Recorded = {}): Recorded => ({
    ...meshObjects(variables.solo),
    "/apis/apps/v1/deployments": [
      workload(
        "istio-system",
        "istiod",
        { app: "istiod" },
        { image: "istio/pilot:1.28.5-solo", env: [{ name: "SOLO_LICENSE_KEY", ...licence }] },
      ),
    ],
    ...more,
  });
  const saying = (answer: unknown) => ({ fromPod: () => Promise.resolve(answer) });
  const secretRef = { valueFrom: { secretKeyRef: { name: "licence", key: "key" } } };
  const secretPath = "/api/v1/namespaces/istio-system/secrets/licence";

  it("holds where the key is good and istiod takes it, and never tells it", async () => {
    const good = key(inDays(400));
    const all = await found(license, [east(solo({ value: good }), saying({ status: "valid" }))]);
    expect(all).toEqual([
      expect.stringMatching(/^passed east: the licence of Deployment istio-system\/istiod .* is valid until/),
      "passed east: istiod (pod istio-system/istiod-1) accepts its licence",
    ]);
    expect(all.join()).not.toContain(good);
  });

  it.each([
    ["has ended", { value: key(inDays(-3)) }, {}, /^failed east: .* expired on/],
    ["ends soon", { value: key(inDays(10)) }, {}, /^warning east: .* in (9|10) days/],
    ["is empty", { value: "" }, {}, /^failed east: .* is empty/],
    ["is in no Secret", secretRef, {}, /^failed east: Secret istio-system\/licence with the licence does not exist/],
    [
      "is under another key",
      secretRef,
      { [secretPath]: { metadata: { name: "licence" }, data: { other: "" } } },
      /^failed east: Secret istio-system\/licence with the licence has no key key/,
    ],
  ])("finds that it %s", async (_, licence, more, message) => {
    const all = await found(license, [east(solo(licence, more), saying("404 page not found"))]);
    expect(all).toContainEqual(expect.stringMatching(message));
  });

  it("takes istiod's own word", async () => {
    const all = await found(license, [east(solo({ value: "opaque" }), saying({ state: "EXPIRED" }))]);
    expect(all).toEqual(["failed east: istiod (pod istio-system/istiod-1) does not accept its licence"]);
  });

  it("does not pass where nobody tells of any, and is not the community's business", async () => {
    const [untold] = await found(license, [east(meshObjects(variables.solo), saying("404 page not found"))]);
    expect(untold).toMatch(/^unknown east: .*references no licence/);
    expect(await found(license, [east(meshObjects())])).toEqual([
      "notApplicable east: the community distribution does not have this",
    ]);
  });
});

describe("dns-capture", () => {
  it("finds the CNI's configuration in whatever namespace", async () => {
    expect(await found(dnsCapture, [east(meshObjects())])).toEqual([
      "passed east: ConfigMap istio-cni/istio-cni-config has AMBIENT_DNS_CAPTURE=true",
    ]);
  });

  it("finds that it is off, or not there", async () => {
    const off = [{ metadata: { namespace: "istio-cni", name: "istio-cni-config" }, data: null }];
    expect(await found(dnsCapture, [east({ ...meshObjects(), "/api/v1/configmaps": off })])).toContainEqual(
      expect.stringMatching(/^failed east: .* has AMBIENT_DNS_CAPTURE not set/),
    );
    expect(await found(dnsCapture, [east({ ...meshObjects(), "/api/v1/configmaps": [] })])).toContainEqual(
      expect.stringMatching(/^failed east: there is no ConfigMap istio-cni-config/),
    );
  });
});

describe("subnets", () => {
  const cluster = (name: string, subnet: string, address: string) =>
    fakeCluster(name, {
      "/api/v1/nodes": [{ ...realNode, spec: { podCIDRs: [subnet] } }],
      "/api/v1/pods": [
        pod("demo", "a", {}, { status: { phase: "Running", podIPs: [{ ip: address }] } }),
        pod("kube-system", "b", {}, { spec: { hostNetwork: true }, status: { podIPs: [{ ip: "172.18.0.2" }] } }),
      ],
      "/api/v1/namespaces/default/services/kubernetes": {
        metadata: { name: "kubernetes" },
        spec: { clusterIP: "10.255.10.1" },
      },
    });

  it("hold where every cluster has its own, and pods of the node's network don't count", async () => {
    const both = [cluster("east", "10.10.0.0/24", "10.10.0.5"), cluster("west", "10.20.0.0/24", "10.20.0.5")];
    expect(await found(subnets, both)).toEqual([
      "passed east: 10.10.0.0/24; 1 addresses of pods",
      "passed west: 10.20.0.0/24; 1 addresses of pods",
    ]);
  });

  it("finds what two clusters share, of subnets and of addresses that another CNI gives", async () => {
    expect(
      await found(subnets, [
        cluster("east", "10.10.0.0/24", "10.10.0.5"),
        cluster("west", "10.10.0.0/16", "10.10.9.5"),
      ]),
    ).toContain("failed clusters east and west both use 10.10.0.0/24 and 10.10.0.0/16 for pods");
    expect(
      await found(subnets, [
        cluster("east", "10.10.0.0/24", "192.168.0.5"),
        cluster("west", "10.20.0.0/24", "192.168.0.5"),
      ]),
    ).toContain("failed clusters east and west both use 192.168.0.5 (pod demo/a, and pod demo/a there) for pods");
  });

  it("finds what the settings have otherwise", async () => {
    const one = [cluster("east", "10.11.0.0/24", "10.11.0.5")];
    const given = { subnets: { east: { pods: "10.10.0.0/16", services: "10.255.20.0/24" } } };
    expect(await found(subnets, one, given)).toEqual([
      "failed east: a node has 10.11.0.0/24 for its pods, outside the cluster's 10.10.0.0/16",
      "failed east: services have addresses such as 10.255.10.1, outside the cluster's 10.255.20.0/24",
    ]);
  });

  it("does not pass where nothing tells", async () => {
    expect(await found(subnets, [fakeCluster("east", { "/api/v1/nodes": [realNode] })])).toEqual([
      expect.stringMatching(/^unknown east: neither its nodes nor its pods/),
    ]);
  });
});
