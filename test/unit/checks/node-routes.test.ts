import { describe, expect, it } from "vitest";
import type { Expected } from "../../../checks";
import { nodeRoutesBy } from "../../../checks/mesh/node-routes";
import { Unreachable } from "../../../kubernetes";
import { against, clusterOf, FakeReader, findingsOf, told } from "./fake-reader";
import { node, pod } from "./fake-objects";

const kind = (cluster: string, name: string) => `kind://docker/${cluster}/${name}`;

/** A route as a kind node's iproute2 prints it with `-N -json`. */
const route = (dst: string, gateway: string) => ({ dst, gateway, dev: "eth0", protocol: "186", flags: [] });
const standing = (own: string) => [
  { dst: "default", gateway: "172.18.0.1", dev: "eth0", flags: [] },
  { dst: own, dev: "vethf01d3a48", scope: "254", flags: [] },
  { dst: "172.18.0.0/16", dev: "eth0", protocol: "2", scope: "253", prefsrc: "172.18.0.2", flags: [] },
];

/** Cluster one with a single node, two with a worker besides. */
function clusters() {
  const one = new FakeReader().add(
    "/api/v1/nodes",
    node("one-control-plane", {
      address: "172.18.0.2",
      podSubnet: "10.10.0.0/24",
      providerId: kind("one", "one-control-plane"),
    }),
  );
  const two = new FakeReader().add(
    "/api/v1/nodes",
    node("two-control-plane", {
      address: "172.18.0.3",
      podSubnet: "10.20.0.0/24",
      providerId: kind("two", "two-control-plane"),
    }),
    node("two-worker", { address: "172.18.0.4", podSubnet: "10.20.1.0/24", providerId: kind("two", "two-worker") }),
  );
  return { one, two };
}

const toTwo = [
  route("10.20.0.0/24", "172.18.0.3"),
  route("10.20.1.0/24", "172.18.0.4"),
  route("10.255.20.0/24", "172.18.0.3"),
];
const toOne = [route("10.10.0.0/24", "172.18.0.2"), route("10.255.10.0/24", "172.18.0.2")];
const subnets = { one: { services: "10.255.10.0/24" }, two: { services: "10.255.20.0/24" } };

interface Given {
  readonly looks?: Readonly<Record<string, FakeReader>>;
  readonly expected?: Expected;
}

function find(
  changes: Readonly<Record<string, readonly object[] | string | undefined>> = {},
  { looks = clusters(), expected = { subnets } }: Given = {},
) {
  const all: Readonly<Record<string, readonly object[] | string | undefined>> = {
    "one-control-plane": toTwo,
    "two-control-plane": toOne,
    "two-worker": toOne,
    ...changes,
  };
  const check = nodeRoutesBy(({ node: name }, command) => {
    expect(command).toEqual(["ip", "-N", "-json", "-4", "route", "show"]);
    const routes = all[name];
    return typeof routes === "string"
      ? Promise.reject(new Unreachable(routes))
      : Promise.resolve(routes && JSON.stringify([...standing("10.10.0.2"), ...routes]));
  });
  return findingsOf(check, {
    clusters: Object.entries(looks).map(([name, look]) => clusterOf(name, look)),
    expected,
  });
}

describe("node-routes", () => {
  it("holds where every node has them, by settings and by contexts", async () => {
    expect(told(await find())).toEqual([
      "passed one: node one-control-plane has all 3 routes",
      "passed two: node two-control-plane has all 2 routes",
      "passed two: node two-worker has all 2 routes",
    ]);
    expect(against(await find({}, { expected: {} }))).toEqual([]);
  });

  it("takes a route to more than the subnet, such as to a cluster of one node", async () => {
    expect(against(await find({ "two-worker": [route("10.10.0.0/16", "172.18.0.2"), ...toOne.slice(1)] }))).toEqual([]);
  });

  it("misses a route, that of services where it is expected", async () => {
    expect(against(await find({ "one-control-plane": toTwo.slice(1) }))).toEqual([
      "failed one: node one-control-plane has no route to 10.20.0.0/24 (pods on node two-control-plane of two); it has to go via 172.18.0.3",
    ]);
    expect(against(await find({ "two-worker": toOne.slice(0, 1) }))).toEqual([
      expect.stringMatching(/^failed two: node two-worker has no route to 10.255.10.0\/24 \(services of one\)/),
    ]);
    expect(against(await find({ "two-worker": toOne.slice(0, 1) }, { expected: {} }))).toEqual([]);
    // Nobody else routes services.
    const byHand = toOne.slice(0, 1).map((one) => ({ ...one, protocol: "3" }));
    expect(against(await find({ "two-worker": byHand }))).toEqual([]);
  });

  it("names both addresses where nodes have exchanged theirs", async () => {
    const exchanged = [route("10.20.0.0/24", "172.18.0.2"), ...toTwo.slice(1)];
    expect(against(await find({ "one-control-plane": exchanged }))).toEqual([
      "failed one: node one-control-plane sends packets for 10.20.0.0/24 (pods on node two-control-plane of two) to 172.18.0.2 (node one-control-plane of one) instead of 172.18.0.3",
    ]);
    const nobody = [route("10.20.0.0/24", "172.18.0.9"), ...toTwo.slice(1)];
    expect(against(await find({ "one-control-plane": nobody }))[0]).toMatch(
      /172.18.0.9, which is not a node of the mesh/,
    );
  });

  it("warns of a detour by another node of the same cluster", async () => {
    const detour = [toTwo[0] ?? {}, route("10.20.1.0/24", "172.18.0.3"), ...toTwo.slice(2)];
    expect(against(await find({ "one-control-plane": detour }))).toEqual([
      expect.stringMatching(
        /^warning one: .*172.18.0.3 \(node two-control-plane of two\) instead of 172.18.0.4: another node/,
      ),
    ]);
  });

  it("sees routes that lead nowhere, or to a device", async () => {
    const [first, ...rest] = toTwo;
    const wrong = (other: object) => find({ "one-control-plane": [other, ...rest] });
    expect(first).toBeDefined();
    expect(against(await wrong({ dst: "10.20.0.0/24", type: "blackhole" }))[0]).toMatch(
      /leads to nowhere \(blackhole\)/,
    );
    expect(against(await wrong({ dst: "10.20.0.0/24", dev: "eth0" }))[0]).toMatch(/leads straight to eth0/);
    const several = { dst: "10.20.0.0/24", nexthops: [{ gateway: "172.18.0.3" }, { gateway: "172.18.0.9" }] };
    expect(against(await wrong(several))[0]).toMatch(/to 172.18.0.9/);
  });

  it("can't see nodes of other machines, other makes, or of kwok", async () => {
    expect(told(await find({ "two-worker": undefined }))).toContainEqual(
      expect.stringMatching(/^notObservable two: node two-worker is not a container on this machine/),
    );
    const looks = clusters();
    looks.one.lists.set("/api/v1/nodes", [node("ip-10-0-0-1", { address: "10.0.0.1", providerId: "aws:///eu/i-1" })]);
    expect(told(await find({}, { looks, expected: {} }))[0]).toMatch(/^notObservable one: node ip-10-0-0-1/);
    looks.one.lists.set("/api/v1/nodes", [node("one", { hollow: true })]);
    expect(told(await find({}, { looks, expected: {} }))[0]).toMatch(/^notObservable one: nodes of a kwok cluster/);
  });

  it("is unknown where a node or another cluster does not answer", async () => {
    expect(against(await find({ "two-worker": "the container is paused" }))).toEqual([
      expect.stringMatching(/^unknown two: node two-worker: .*paused/),
    ]);
    const looks = clusters();
    looks.two.items = () => Promise.reject(new Unreachable("connect ECONNREFUSED"));
    expect(against(await find({}, { looks }))[0]).toMatch(/^unknown one: to two: .*ECONNREFUSED/);
  });

  it("asks no routes of networks with addresses of their own", async () => {
    const looks = clusters();
    looks.two.add("/api/v1/pods", pod("demo/web", { ip: "192.168.7.1" }));
    expect(told(await find({ "one-control-plane": [] }, { looks, expected: {} }))[0]).toMatch(
      /^notObservable one: .*not in their nodes' subnets/,
    );
  });

  it("has nothing to ask of a cluster by itself", async () => {
    const { one } = clusters();
    expect((await find({}, { looks: { one } })).map(({ status }) => status)).toEqual(["notApplicable"]);
  });
});
