import { describe, expect, it } from "vitest";
import { kwok } from "../../settings/config";
import { refusals, valueOf } from "../mocks";
import { clusterOf, objectName, peering, places } from "./environment";

const waitFor = '["condition=Programmed","jsonpath={.status.addresses}"]';
const listeners = [
  ["cross-network", 15008, "HBONE"],
  ["xds-tls", 15012, "TLS"],
].map(([name, port, protocol]) => ({
  name,
  port,
  protocol,
  tls: { mode: "Passthrough" },
  allowedRoutes: { namespaces: { from: "Same" } },
}));

describe.each([false, true])("peer Gateways, preview %s", (preview) => {
  const world = { preview };
  const peerGateways = async (links: unknown) => {
    const { all, value } = await peering({ links }, world);
    const gateways = all("Gateway").filter((gateway) => objectName(gateway).startsWith("istio-remote-peer-"));
    return { places: places(gateways), links: value.links };
  };

  it("stand in every cluster for every other one in a mesh", async () => {
    expect((await peerGateways("mesh")).places).toEqual([
      "a: istio-remote-peer-b",
      "a: istio-remote-peer-c",
      "b: istio-remote-peer-a",
      "b: istio-remote-peer-c",
      "c: istio-remote-peer-a",
      "c: istio-remote-peer-b",
    ]);
  });

  it("stand where a one-way link starts, and only there", async () => {
    const { places, links } = await peerGateways([{ from: "a", to: "b" }]);
    expect(places).toEqual(["a: istio-remote-peer-b"]);
    expect(links).toEqual([{ from: "a", to: "b", via: "peer Gateway" }]);
  });

  it("stand on both sides of a link between two", async () => {
    const { places, links } = await peerGateways([{ between: ["a", "c"] }, { from: "b", to: "a" }]);
    expect(places).toEqual(["a: istio-remote-peer-c", "b: istio-remote-peer-a", "c: istio-remote-peer-a"]);
    expect(links.map(({ from, to }) => `${from}>${to}`)).toEqual(["a>c", "b>a", "c>a"]);
  });

  it("stand nowhere without links", async () => {
    expect(await peerGateways([])).toEqual({ places: [], links: [] });
  });

  it("and east-west Gateways say whose they are, on which network, and how they are reached", async () => {
    const { all } = await peering({ network: "n", trustDomain: "example.org", links: [{ from: "a", to: "b" }] }, world);
    const gateways = all("Gateway").filter((gateway) => clusterOf(gateway) === "a");
    expect(gateways.map(({ inputs }) => inputs)).toEqual([
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: {
          name: "istio-eastwest",
          namespace: "istio-eastwest",
          labels: {
            "istio.io/expose-istiod": "15012",
            "topology.istio.io/cluster": "a",
            "topology.istio.io/network": "n",
          },
          annotations: { "pulumi.com/waitFor": waitFor },
        },
        spec: { gatewayClassName: "istio-eastwest", listeners },
      },
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: {
          name: "istio-remote-peer-b",
          namespace: "istio-eastwest",
          labels: { "topology.istio.io/cluster": "b", "topology.istio.io/network": "n" },
          annotations: {
            "gateway.istio.io/service-account": "istio-eastwest",
            "gateway.istio.io/trust-domain": "example.org",
          },
        },
        spec: {
          gatewayClassName: "istio-remote",
          // Known when the peer's own Gateway is Programmed, and not before.
          addresses: [preview ? undefined : { type: "IPAddress", value: "172.18.0.100" }],
          listeners,
        },
      },
    ]);
  });
});

describe("a peer's place", () => {
  it("is on its Gateway where it is known", async () => {
    const clusters = [kwok("a"), kwok("b", { region: "eu-west-1", zone: "eu-west-1a" })];
    const { all } = await peering({ clusters });
    const labels = all("Gateway").map((gateway) => (gateway.inputs["metadata"] as { labels: object }).labels);
    expect(labels.filter((label) => "topology.kubernetes.io/region" in label)).toEqual([
      {
        "topology.istio.io/cluster": "b",
        "topology.istio.io/network": "flat-network",
        "topology.kubernetes.io/region": "eu-west-1",
        "topology.kubernetes.io/zone": "eu-west-1a",
      },
    ]);
  });
});

describe("the address of a cluster", () => {
  it.each([
    ["10.0.0.7", "IPAddress"],
    ["2001:db8::7", "IPAddress"],
    ["lb.example.com", "Hostname"],
  ])("%s is handed to its peers as %s", async (address, type) => {
    const { all, value } = await peering({}, { address });
    expect(await valueOf(value.eastWestAddresses["b"] ?? missing())).toEqual({ type, value: address });
    const peers = all("Gateway").filter((gateway) => objectName(gateway) === "istio-remote-peer-b");
    expect(peers.map(({ inputs }) => (inputs["spec"] as { addresses: unknown }).addresses)).toEqual([
      [{ type, value: address }],
      [{ type, value: address }],
    ]);
  });

  it.each(["10.0.0.1\nx: y", "127.0.0.1", "a b", "-x"])(
    "is refused where nobody could reach it: %j",
    async (address) => {
      const said = await refusals(() => peering({ clusters: [kwok("a")] }, { address }));
      expect(said).toEqual([
        expect.stringMatching(/^Cluster a: its east-west Gateway has the address "[ -~]+", which is neither/),
      ]);
    },
  );

  it("is missed with the cluster's name and where to look", async () => {
    const clusters = [kwok("a")];
    expect(await refusals(() => peering({ clusters }, { address: "none" }))).toEqual([
      "Cluster a: its east-west Gateway is Programmed, but has no address. See that the cluster's load balancer gives Service " +
        "istio-eastwest/istio-eastwest one (kubectl get service -n istio-eastwest), then run pulumi up again.",
    ]);
  });
});

describe("a cluster that is reached by its nodes' ports", () => {
  const clusters = [kwok("a"), kwok("b", { nodePort: { address: "nodes.example.com", port: 31012 } })];

  it.each([false, true])("has a Service of that sort, with a port that its peers know, preview %s", async (preview) => {
    const { one, all, value } = await peering({ clusters }, { preview });
    const own = all("Gateway").find(
      (gateway) => objectName(gateway) === "istio-eastwest" && clusterOf(gateway) === "b",
    );
    expect(own?.inputs).toMatchObject({
      metadata: {
        annotations: {
          "networking.istio.io/service-type": "NodePort",
          "peering.solo.io/data-plane-service-type": "nodeport",
        },
      },
      spec: { infrastructure: { parametersRef: { group: "", kind: "ConfigMap", name: "istio-eastwest-service" } } },
    });
    const { inputs } = one("ConfigMap");
    expect(inputs["metadata"]).toMatchObject({ name: "istio-eastwest-service", namespace: "istio-eastwest" });
    expect(JSON.parse((inputs["data"] as { service: string }).service)).toEqual({
      spec: { type: "NodePort", ports: [{ port: 15012, nodePort: 31012 }] },
    });

    const peer = all("Gateway").find((gateway) => objectName(gateway) === "istio-remote-peer-b");
    expect(peer?.inputs).toMatchObject({
      metadata: { annotations: { "peering.solo.io/preferred-data-plane-service-type": "nodeport" } },
      spec: {
        addresses: [preview ? undefined : { type: "Hostname", value: "nodes.example.com" }],
        listeners: [
          { name: "cross-network", port: 15008 },
          { name: "xds-tls", port: 31012 },
        ],
      },
    });
    const address = { type: "Hostname", value: "nodes.example.com", port: 31012 };
    expect(await valueOf(value.eastWestAddresses["b"] ?? missing())).toEqual(preview ? undefined : address);
  });

  it("is told of in the chart's own words", async () => {
    const { all } = await peering({
      clusters,
      linkMethod: "chart",
      istioVersion: "1.29.0",
      repoKey: undefined,
      links: [{ from: "a", to: "b" }],
    });
    const release = all("Release").find(({ inputs }) => inputs["name"] === "peering-remote");
    expect(release?.inputs["values"]).toMatchObject({
      remote: { items: [{ address: "nodes.example.com", preferredDataplaneServiceType: "nodeport", nodeport: 31012 }] },
    });
  });

  it("in another stack is known by the port of its address", async () => {
    const stack = {
      clusters: { e: { network: "flat-network", trustDomain: "cluster.local" } },
      eastWestAddresses: { e: { type: "IPAddress", value: "192.0.2.9", port: 30012 } },
    };
    const east = "organization/flatmesh/east";
    const { all } = await peering({ clusters: [kwok("a")], peerStacks: [east] }, { stacks: { [east]: stack } });
    const peer = all("Gateway").find((gateway) => objectName(gateway) === "istio-remote-peer-e");
    expect(peer?.inputs).toMatchObject({
      spec: {
        addresses: [{ type: "IPAddress", value: "192.0.2.9" }],
        listeners: [{}, { name: "xds-tls", port: 30012 }],
      },
    });
  });
});

describe("the peering chart", () => {
  const chart = { linkMethod: "chart", istioVersion: "1.29.0", repoKey: undefined };

  it("has all peers of a cluster in one release, and none where there are none", async () => {
    const clusters = [kwok("a"), kwok("b", { region: "eu", zone: "eu-1" }), kwok("c")];
    const links = [
      { from: "a", to: "b" },
      { from: "a", to: "c" },
    ];
    const { all, value } = await peering({ ...chart, clusters, links });
    const releases = all("Release").filter(({ inputs }) => inputs["name"] === "peering-remote");
    const item = {
      network: "flat-network",
      trustDomain: "cluster.local",
      addressType: "IPAddress",
      address: "172.18.0.100",
    };
    expect(releases.map(clusterOf)).toEqual(["a"]);
    expect(releases[0]?.inputs).toMatchObject({
      namespace: "istio-eastwest",
      chart: "oci://us-docker.pkg.dev/soloio-img/istio-helm/peering",
      version: "1.29.0-solo",
      values: {
        eastwest: { create: false },
        remote: {
          create: true,
          items: [
            { name: "istio-remote-peer-b", cluster: "b", ...item, region: "eu", zone: "eu-1" },
            { name: "istio-remote-peer-c", cluster: "c", ...item },
          ],
        },
      },
    });
    expect(value.links.map(({ via }) => via)).toEqual(["peering chart", "peering chart"]);
    // The east-west Gateways are declared whatever the link method is.
    expect(places(all("Gateway"))).toEqual(["a: istio-eastwest", "b: istio-eastwest", "c: istio-eastwest"]);
  });

  it("has a plan before any address is known", async () => {
    const { all } = await peering(chart, { preview: true });
    expect(all("Release").filter(({ inputs }) => inputs["name"] === "peering-remote")).toHaveLength(3);
  });
});

function missing(): never {
  throw new Error("no address");
}
