import { describe, expect, it } from "vitest";
import { eastWest } from "../../../checks/mesh/east-west-gateways";
import { peers } from "../../../checks/mesh/peers";
import { fakeCluster } from "./fake-cluster";
import { found } from "./found";
import { meshObjects, variables } from "./mesh-objects";

const listener = (name: string, port: number, protocol: string) => ({
  name,
  port,
  protocol,
  tls: { mode: "Passthrough" },
});
const listeners = (discovery = 15012) => [
  listener("cross-network", 15008, "HBONE"),
  listener("xds-tls", discovery, "TLS"),
];
const condition = (type: string, status = "True") => ({ type, status, reason: "", message: "" });
const connected = ["PeerConnected", "PeeringSucceeded", "PeerDataPlaneProgrammed"].map((type) =>
  condition(`gloo.solo.io/${type}`),
);

function eastWestGateway(address: string, status?: object): object {
  return {
    metadata: {
      namespace: "istio-eastwest",
      name: "istio-eastwest",
      labels: { "istio.io/expose-istiod": "15012" },
    },
    spec: { gatewayClassName: "istio-eastwest", listeners: listeners() },
    status: status ?? { addresses: [{ type: "IPAddress", value: address }], conditions: [condition("Programmed")] },
  };
}

function peerGateway(peer: string, address: string, more: object = {}): object {
  return {
    metadata: {
      namespace: "istio-eastwest",
      name: `istio-remote-peer-${peer}`,
      labels: { "topology.istio.io/cluster": peer },
      annotations: {
        "gateway.istio.io/trust-domain": "cluster.local",
        "gateway.istio.io/service-account": "istio-eastwest",
      },
    },
    spec: {
      gatewayClassName: "istio-remote",
      addresses: [{ type: "IPAddress", value: address }],
      listeners: listeners(),
    },
    status: { conditions: connected },
    ...more,
  };
}

const cluster = (name: string, ...gateways: object[]) =>
  fakeCluster(name, {
    ...meshObjects(variables.solo),
    "/apis/gateway.networking.k8s.io/v1/gateways": gateways,
  });
const east = (...more: object[]) => cluster("east", eastWestGateway("172.18.0.5"), ...more);
const west = (...more: object[]) => cluster("west", eastWestGateway("172.18.0.6"), ...more);
const both = [east(peerGateway("west", "172.18.0.6")), west(peerGateway("east", "172.18.0.5"))];

describe("east-west-gateways", () => {
  it("hold where they are Programmed and have an address", async () => {
    expect(await found(eastWest, [east()])).toEqual([
      "passed east: Gateway istio-eastwest/istio-eastwest is Programmed",
      "passed east: Gateway istio-eastwest/istio-eastwest has the address 172.18.0.5 (IPAddress)",
    ]);
  });

  it("takes an absent condition, and an address of another type, for failures", async () => {
    const absent = eastWestGateway("", { addresses: [{ type: "IPAddress", value: "lb.example.com" }], conditions: [] });
    expect(await found(eastWest, [cluster("east", absent)])).toEqual([
      "failed east: Gateway istio-eastwest/istio-eastwest is not Programmed (no such condition)",
      "failed east: Gateway istio-eastwest/istio-eastwest has the address lb.example.com as IPAddress, but it is of type Hostname",
    ]);
  });
});

describe("peers", () => {
  it("hold in a healthy mesh, known by its contexts alone", async () => {
    expect(await found(peers, both)).toEqual([
      "passed east: west is connected (Gateway istio-eastwest/istio-remote-peer-west)",
      "passed west: east is connected (Gateway istio-eastwest/istio-remote-peer-east)",
    ]);
  });

  it("go by the links where somebody has said which there are", async () => {
    const oneWay = [east(peerGateway("west", "172.18.0.6")), west()];
    expect(await found(peers, oneWay)).toContainEqual(
      expect.stringMatching(/^failed west: there is no Gateway for peer east/),
    );
    expect(await found(peers, oneWay, { links: [{ from: "east", to: "west" }] })).toEqual([
      "passed east: west is connected (Gateway istio-eastwest/istio-remote-peer-west)",
      "notApplicable west: no link starts here",
    ]);
  });

  it("look for those of other stacks as well", async () => {
    const links = [{ from: "east", to: "far" }];
    expect(await found(peers, [east()], { links })).toEqual([
      expect.stringMatching(/^failed east: there is no Gateway for peer far/),
    ]);
    const far = east(peerGateway("far", "203.0.113.7"));
    expect(await found(peers, [far], { links })).toEqual([
      "passed east: far is connected (Gateway istio-eastwest/istio-remote-peer-far)",
    ]);
  });

  it("follow a peer's port of the nodes", async () => {
    const spec = {
      gatewayClassName: "istio-remote",
      addresses: [{ type: "IPAddress", value: "192.0.2.1" }],
      listeners: listeners(30012),
    };
    const links = [{ from: "east", to: "west" }];
    const mesh = [east(peerGateway("west", "192.0.2.1", { spec })), west()];
    const told = { west: { type: "IPAddress", value: "192.0.2.1", port: 30012 } };
    expect(await found(peers, mesh, { links, eastWestAddresses: told })).toContain(
      "passed east: west is connected (Gateway istio-eastwest/istio-remote-peer-west)",
    );
    expect(await found(peers, mesh, { links })).toContainEqual(
      expect.stringMatching(/^failed east: .*discovery on port 30012 instead of 15012/),
    );
  });

  it.each(["PeerConnected", "PeeringSucceeded", "PeerDataPlaneProgrammed"])(
    "take %s for a failure where it is absent or False",
    async (type) => {
      const others = connected.filter((one) => !one.type.endsWith(type));
      for (const conditions of [others, [...others, condition(`gloo.solo.io/${type}`, "False")]]) {
        const mesh = [east(peerGateway("west", "172.18.0.6", { status: { conditions } })), both[1] ?? west()];
        expect(await found(peers, mesh)).toContainEqual(
          expect.stringMatching(new RegExp(`^failed east: .*gloo.solo.io/${type} is (absent|False)`)),
        );
      }
    },
  );
});
