import { describe, expect, it } from "vitest";
import { networkName as rule } from "../../../policy/rules/network-name";
import { against, eastWestGateway, namespace, peerGateway, release, resource, unknown } from "./resources";

const key = "topology.istio.io/network";

/** All five places of a cluster. */
function places(changes: { readonly [place: string]: string | typeof unknown | null } = {}, cluster = "one") {
  const name = (place: string) => (place in changes ? (changes[place] ?? null) : "flat");
  const given = { cluster };
  return [
    namespace("istio-system", { [key]: name("namespace") }, given),
    release("istiod", { global: { network: name("istiod"), multiCluster: { clusterName: cluster } } }, {}, given),
    release("ztunnel", { network: name("ztunnel") }, {}, given),
    eastWestGateway(cluster, name("gateway")),
    peerGateway("peer", { labels: { [key]: name("peer") } }, given),
  ];
}

describe("network-name", () => {
  it("holds where all five places say the same", () => {
    expect(against(rule, [...places(), ...places({}, "two")])).toEqual([]);
  });

  it.each(["namespace", "istiod", "ztunnel", "gateway", "peer"])(
    "sees another name, and a missing one, at %s",
    (place) => {
      for (const value of ["other", null]) {
        const [message, ...rest] = against(rule, places({ [place]: value }));
        expect(rest).toEqual([]);
        expect(message).toMatch(
          value === null ? /names no network.*flat/ : /is other, but elsewhere the network is flat/,
        );
        expect(message).toContain("in cluster one");
      }
    },
  );

  it("leaves what is not known yet to the update", () => {
    expect(against(rule, places({ istiod: unknown, peer: unknown }))).toEqual([]);
  });

  it("has clusters of several networks agree each with itself where it is told so, peers with their own", () => {
    const two = places({ namespace: "n2", istiod: "n2", ztunnel: "n2", gateway: "n2" }, "two");
    const mesh = [...places(), ...two, peerGateway("two", { labels: { [key]: "n2" } })];
    expect(against(rule, mesh)).not.toEqual([]);
    expect(against(rule, mesh, { flat: false })).toEqual([]);
    const wrong = [...mesh, peerGateway("two", { labels: { [key]: "two" } })];
    expect(against(rule, wrong, { flat: false })).toHaveLength(1);
  });

  it("asks no label of a mesh with sidecars on one network, and nothing of one without networks", () => {
    const sidecars = [namespace("istio-system"), release("istiod", { global: { network: "network1" } })];
    expect(against(rule, sidecars)).toEqual([]);
    expect(against(rule, [namespace("istio-system"), release("istiod", {}), release("ztunnel", {})])).toEqual([]);
  });

  it("lets clusters with sidecars each be a network of its own, as long as they agree with themselves", () => {
    const cluster = (name: string, network: string) => [
      namespace("istio-system", { [key]: network }, { cluster: name }),
      release("istiod", { global: { network: name } }, {}, { cluster: name }),
    ];
    expect(against(rule, [...cluster("one", "one"), ...cluster("two", "two")])).toEqual([]);
    expect(against(rule, [...cluster("one", "one"), ...cluster("two", "other")])).toHaveLength(1);
  });

  it("lets upstream's east-west Gateways join networks, each of them its own", () => {
    const upstream = (cluster: string, gateway = cluster) =>
      [...places({ namespace: cluster, istiod: cluster, ztunnel: cluster, gateway }, cluster)].flatMap((one) =>
        one.name.includes("peer")
          ? []
          : one.name.includes("eastwest")
            ? [{ ...one, inputs: { ...one.inputs, spec: { gatewayClassName: "istio-east-west" } } }]
            : [one],
      );
    expect(against(rule, [...upstream("one"), ...upstream("two")])).toEqual([]);
    expect(against(rule, [...upstream("one"), ...upstream("two", "one")])).toEqual([
      expect.stringContaining("of Gateway istio-eastwest/istio-eastwest in cluster two is one"),
    ]);
  });

  it("asks nothing of patches, but takes what they say", () => {
    const patch = (type: string, labels: object) =>
      resource(`kubernetes:${type}Patch`, "patch", {
        metadata: { name: "istio-system", labels: { ...labels } },
        spec: { gatewayClassName: "istio-remote" },
      });
    const [, ...others] = places();
    for (const type of ["core/v1:Namespace", "gateway.networking.k8s.io/v1:Gateway"]) {
      expect(against(rule, [...others, patch(type, {})])).toEqual([]);
      expect(against(rule, [...others, patch(type, { [key]: "other" })])).toHaveLength(1);
    }
  });

  it("takes a namespace and its patch for one", () => {
    const [, ...others] = places();
    const patch = resource("kubernetes:core/v1:NamespacePatch", "patch", {
      metadata: { name: "istio-system", labels: { [key]: "flat" } },
    });
    expect(against(rule, [namespace("istio-system"), patch, ...others])).toEqual([]);
  });

  it("looks into the peering chart, into charts around Istio's, and at rendered manifests", () => {
    const items = [{ name: "p", cluster: "two", network: "two" }];
    expect(against(rule, [...places(), release("peering", { remote: { create: true, items } })])).toEqual([
      expect.stringContaining("Value remote.items[0].network in cluster one is two"),
    ]);
    const umbrella = release("mesh", {
      global: { network: "flat" },
      istiod: { env: {} },
      ztunnel: { network: "wrong" },
    });
    expect(against(rule, [umbrella])).toHaveLength(1);
    const aliased = release("mesh", {
      global: { network: "flat" },
      "istio-discovery": { env: {} },
      ztunnel: {},
      peering: { remote: { create: true, items: [{ ...items[0] }] } },
    });
    expect(against(rule, [aliased])).toEqual([expect.stringContaining("remote.items[0].network")]);
    // Others have a part that is called so, too.
    const cilium = release("c", { cni: { network: "x" } }, { chart: "cilium", namespace: "kube-system", name: "c" });
    expect(against(rule, [...places(), cilium])).toEqual([]);
    const daemonSet = resource("kubernetes:apps/v1:DaemonSet", "ztunnel", {
      spec: {
        template: {
          spec: {
            containers: [{ image: "docker.io/istio/ztunnel:1.29.0", env: [{ name: "NETWORK", value: "wrong" }] }],
          },
        },
      },
    });
    expect(against(rule, [...places(), daemonSet])).toEqual([expect.stringContaining("is wrong")]);
  });

  it("reads values in YAML, and makes no guess at files", () => {
    const file = (text: string) => ({ valueYamlFiles: [{ text }] });
    const withFile = (text: string) => [
      ...places().filter(({ name }) => !name.endsWith("istiod")),
      release("istiod", {}, file(text)),
    ];
    expect(against(rule, withFile("global:\n  network: wrong\n"))).toHaveLength(1);
    const elsewhere = release("istiod", {}, { valueYamlFiles: [{ path: "values.yaml" }] });
    expect(against(rule, [...places().filter(({ name }) => !name.endsWith("istiod")), elsewhere])).toEqual([]);
  });
});
