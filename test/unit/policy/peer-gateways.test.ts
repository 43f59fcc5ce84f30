import { describe, expect, it } from "vitest";
import { peerGateways as rule } from "../../../policy/rules/peer-gateways";
import { against, eastWestGateway, peerGateway, release, resource, unknown } from "./resources";

describe("peer-gateways", () => {
  it("holds for a complete one, with a port of the nodes, and with addresses that are not known yet", () => {
    const nodePort = [
      { port: 15008, protocol: "HBONE", tls: { mode: "Passthrough" } },
      { port: 30012, protocol: "TLS", tls: { mode: "Passthrough" } },
    ];
    const gateways = [
      eastWestGateway("one", "flat"),
      peerGateway("two"),
      peerGateway("three", {
        annotations: { "peering.solo.io/preferred-data-plane-service-type": "nodeport" },
        spec: { listeners: nodePort, addresses: [{ type: "Hostname", value: "a.example.com" }] },
      }),
      peerGateway("four", { spec: { addresses: unknown } }),
      peerGateway("five", { spec: { addresses: [{ type: unknown, value: unknown }] } }),
      peerGateway("six", { labels: { "topology.istio.io/cluster": unknown } }),
    ];
    expect(against(rule, gateways)).toEqual([]);
  });

  it.each([
    ["its cluster", { labels: { "topology.istio.io/cluster": null } }, "label topology.istio.io/cluster"],
    ["its network", { labels: { "topology.istio.io/network": "" } }, "label topology.istio.io/network"],
    ["its trust domain", { annotations: { "gateway.istio.io/trust-domain": null } }, "gateway.istio.io/trust-domain"],
    ["its service account", { annotations: { "gateway.istio.io/service-account": null } }, "service-account"],
    ["an address", { spec: { addresses: [] } }, "has no address"],
    ["the address's value", { spec: { addresses: [{ type: "IPAddress" }] } }, "spec.addresses[0] has no value"],
    ["the address's type", { spec: { addresses: [{ value: "a.example.com" }] } }, "Set the type to Hostname"],
    ["listeners", { spec: { listeners: null } }, "port 15008"],
    [
      "the listener of traffic",
      { spec: { listeners: [{ protocol: "TLS", port: 15012, tls: { mode: "Passthrough" } }] } },
      "15008",
    ],
    [
      "the control plane's port",
      {
        spec: {
          listeners: [
            { protocol: "HBONE", port: 15008, tls: { mode: "Passthrough" } },
            { protocol: "TLS", port: 15443, tls: { mode: "Passthrough" } },
          ],
        },
      },
      "port 15012",
    ],
    [
      "passing through",
      { spec: { listeners: [{ protocol: "HBONE", port: 15008, tls: { mode: "Terminate" } }] } },
      "15012",
    ],
  ])("misses %s", (_what, changes, message) => {
    const found = against(rule, [peerGateway("two", changes)]);
    expect(found).toContainEqual(expect.stringContaining(message));
    expect(found).toContainEqual(expect.stringContaining("Gateway istio-eastwest/istio-remote-peer-two"));
  });

  it("asks of a patch only that what it changes is right", () => {
    const patch = (spec: object) =>
      resource("kubernetes:gateway.networking.k8s.io/v1:GatewayPatch", "patch", {
        metadata: { name: "istio-remote-peer-two", namespace: "istio-eastwest" },
        spec: { gatewayClassName: "istio-remote", ...spec },
      });
    expect(against(rule, [patch({})])).toEqual([]);
    expect(against(rule, [patch({ addresses: [{ value: "a.example.com" }] })])).toHaveLength(1);
  });

  it("lets no cluster be a peer of itself, whatever says its name", () => {
    const itself = "makes cluster one a peer of itself";
    expect(against(rule, [eastWestGateway("one", "flat"), peerGateway("one")])).toEqual([
      expect.stringContaining(itself),
    ]);
    const istiod = release("istiod", { global: { multiCluster: { clusterName: "one" } } });
    expect(against(rule, [istiod, peerGateway("one")])).toEqual([expect.stringContaining(itself)]);
    // Where two clusters have one provider, nobody knows which it is.
    expect(against(rule, [istiod, eastWestGateway("two", "flat", { cluster: "one" }), peerGateway("one")])).toEqual([]);
    // Another cluster's may.
    expect(against(rule, [istiod, peerGateway("one", {}, { cluster: "two" })])).toEqual([]);
    const secret = resource("kubernetes:core/v1:Secret", "remote", {
      metadata: {
        name: "istio-remote-secret-one",
        namespace: "istio-system",
        labels: { "istio/multiCluster": "true" },
      },
      stringData: { one: unknown },
    });
    expect(against(rule, [istiod, secret])).toEqual([expect.stringContaining(itself)]);
  });

  it("lets no peer have the own cluster's address, once it is known and before", () => {
    const at = (name: string, value: string) => ({
      ...eastWestGateway(name, "flat"),
      outputs: { status: { addresses: [{ type: "IPAddress", value }] } },
    });
    const peer = peerGateway("two", { spec: { addresses: [{ type: "IPAddress", value: "192.0.2.9" }] } });
    expect(against(rule, [at("one", "192.0.2.1"), at("two", "192.0.2.9"), peer])).toEqual([]);
    expect(against(rule, [at("one", "192.0.2.9"), at("two", "192.0.2.1"), peer])).toEqual([
      expect.stringContaining("has the address of its own cluster's east-west Gateway, 192.0.2.9"),
    ]);
    const [one, two] = [eastWestGateway("one", "flat"), eastWestGateway("two", "flat")];
    const of = (...gateways: { urn: string }[]) =>
      peerGateway(
        "two",
        { spec: { addresses: unknown } },
        { inputDependencies: { spec: gateways.map(({ urn }) => urn) } },
      );
    expect(against(rule, [one, two, of(two)])).toEqual([]);
    expect(against(rule, [one, two, of(one, two)])).toEqual([]);
    expect(against(rule, [one, two, of(one)])).toEqual([expect.stringContaining("a peer of itself")]);
  });

  it("asks the same of the peering chart's list", () => {
    const item = {
      name: "p",
      cluster: "two",
      network: "flat",
      address: "192.0.2.1",
      addressType: "IPAddress",
      trustDomain: "cluster.local",
    };
    const chart = (items: object[]) =>
      release("peering", {
        eastwest: { create: true, cluster: "one" },
        remote: { create: true, items: items as never },
      });
    expect(against(rule, [chart([item, { ...item, address: unknown }])])).toEqual([]);
    expect(against(rule, [chart([{ ...item, cluster: "one" }])])).toHaveLength(1);
    expect(against(rule, [chart([{ ...item, trustDomain: "", addressType: "Hostname" }])])).toHaveLength(2);
  });

  it("leaves other Gateways alone", () => {
    const ingress = peerGateway("two", { spec: { gatewayClassName: "istio", addresses: [] } });
    expect(against(rule, [ingress])).toEqual([]);
  });
});
