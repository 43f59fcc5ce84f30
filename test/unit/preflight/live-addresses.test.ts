import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { presentAddress } from "../../../components/peering";
import { currentAccess } from "../../../preflight/access";
import { readOwnStack } from "../../../preflight/engine";
import { readEastWestAddresses } from "../../../preflight/peering/live-addresses";
import { namePrefixOf } from "../../../components/clusters";
import type { ClusterSettings } from "../../../settings";
import { FakeApiServer } from "../../support/fake-api-server";
import { kind, parse } from "../settings/config";
import { type Inputs, run } from "../components/mocks";

let server: FakeApiServer;
beforeAll(async () => {
  server = await FakeApiServer.open();
});
afterEach(() => {
  server.objects.clear();
});
afterAll(() => {
  server.close();
});

const status = (...values: (string | undefined)[]) => {
  const addresses = values.flatMap((value) => (value === undefined ? [] : [{ value }]));
  return { status: addresses.length === 0 ? {} : { addresses } };
};

/** A cluster of the settings. */
const [settings] = parse({ clusters: [kind("a")] }).clusters as [ClusterSettings];
const scope = namePrefixOf(settings);

/** What a stack has after an update. */
function stackWith(eastWestAddresses: object, url = server.url) {
  const kubeconfig = JSON.stringify({
    contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
    clusters: [{ name: "it", cluster: { server: url } }],
    users: [{ name: "it", user: {} }],
  });
  return { kept: { kubeconfig, context: "it" }, outputs: { eastWestAddresses } };
}

/** What is known where the state has the Gateway with one address, and the outputs another. */
async function known({ kept, outputs }: { kept?: Inputs; outputs: Inputs }, cluster = settings, offline = false) {
  const state = [
    [`kubernetes:gateway.networking.k8s.io/v1:Gateway ${scope}-istio-eastwest`, status("10.0.0.1")],
    ...(kept ? [[`flatmesh:clusters:KindCluster ${scope}`, kept] as const] : []),
  ] as const;
  const world = { stacks: { "organization/flatmesh/dev": outputs }, state };
  const clusters = [{ name: "a", namePrefix: namePrefixOf(cluster), generation: 0, settings: cluster }];
  const { value } = await run(async () => {
    const own = await readOwnStack("update");
    return readEastWestAddresses(clusters, own, currentAccess(clusters, own.state), offline, "update");
  }, world);
  return value.value[namePrefixOf(cluster)];
}

describe("the address that a cluster has by now", () => {
  const path = "/apis/gateway.networking.k8s.io/v1/namespaces/istio-eastwest/gateways/istio-eastwest";
  const told = { a: { type: "IPAddress", value: "10.0.0.2" } };

  it("is its Gateway's own", async () => {
    server.objects.set(path, status("10.0.0.3"));
    expect(await known(stackWith(told))).toEqual({ recorded: "10.0.0.1", current: "10.0.0.3" });
  });

  it("is that of the outputs where nothing is asked, also without a kubeconfig", async () => {
    const { kept, outputs } = stackWith(told);
    const offline = await known({ kept, outputs }, settings, true);
    expect(offline).toMatchObject({ recorded: "10.0.0.1" });
    expect(await known({ outputs }, settings, true)).toEqual(offline);
  });

  it("is that of the state where the cluster answers, and has none to tell", async () => {
    expect(await known(stackWith(told))).toMatchObject({ current: "10.0.0.1" });
    server.objects.set(path, status());
    expect(await known(stackWith(told))).toMatchObject({ current: "10.0.0.1" });
  });

  it("is what peers were told last where the cluster does not answer, and soon", async () => {
    const start = Date.now();
    // The first one refuses the connection; nobody is at the second (RFC 5737).
    for (const url of ["https://127.0.0.1:1", "https://192.0.2.1"]) {
      expect(await known(stackWith(told, url))).toMatchObject({ current: "10.0.0.2" });
    }
    expect(Date.now() - start).toBeLessThan(8000);
    const port = { a: { type: "IPAddress", value: "10.0.0.2", port: 30012 } };
    expect(await known(stackWith(port, "https://127.0.0.1:1"))).toMatchObject({ current: "10.0.0.1" });
  });

  it("is what peers were told last where looking is switched off", async () => {
    server.objects.set(path, status("10.0.0.3"));
    expect(await known(stackWith(told), settings, true)).toMatchObject({ current: "10.0.0.2" });
  });

  it.each([
    ["the IPv4 address of several", ["2001:db8::1", "lb.example.com", "10.0.0.3"], "10.0.0.3"],
    ["the DNS name where there is no IPv4 address", ["2001:db8::1", "lb.example.com"], "lb.example.com"],
    ["an IPv6 address where there is nothing else", ["2001:db8::1"], "2001:db8::1"],
    ["the one that peers have, wherever it stands", ["10.0.0.3", "10.0.0.2"], "10.0.0.2"],
  ])("is %s", async (_, values, current) => {
    server.objects.set(path, status(...values));
    expect(await known(stackWith(told))).toMatchObject({ current });
  });

  it("is not known of a cluster that is yet to be made, or built anew", async () => {
    expect(await known(stackWith(told), { ...settings, podSubnet: "10.99.0.0/16" })).toBeUndefined();
    expect(await known({ outputs: {} })).toBeUndefined();
  });
});

describe("the address that counts", () => {
  const before = { recorded: "10.0.0.1", current: "10.0.0.3" };
  it.each([
    ["the present one of a Gateway that stays as it is", "10.0.0.1", before, "10.0.0.3"],
    ["what a Gateway tells that was changed", "10.0.0.4", before, "10.0.0.4"],
    ["what a Gateway tells that was made", "10.0.0.1", undefined, "10.0.0.1"],
    ["none where there is none", undefined, before, undefined],
  ])("is %s", (_, value, knownBefore, address) => {
    expect(presentAddress(status(value).status, knownBefore)).toBe(address);
  });

  it.each([
    [
      "two that a refresh has swapped",
      ["10.0.0.2", "10.0.0.1"],
      { recorded: "10.0.0.2", current: "10.0.0.1" },
      "10.0.0.1",
    ],
    [
      "two that an update has swapped",
      ["10.0.0.2", "10.0.0.1"],
      { recorded: "10.0.0.1", current: "10.0.0.1" },
      "10.0.0.1",
    ],
    ["two, of which the recorded one is gone", ["10.0.0.2", "10.0.0.3"], before, "10.0.0.3"],
    [
      "an IPv6 address, a DNS name and an IPv4 address",
      ["2001:db8::1", "lb.example.com", "10.0.0.2"],
      undefined,
      "10.0.0.2",
    ],
  ])("of %s stays the one that peers have, or is the IPv4 address", (_, values, knownBefore, address) => {
    expect(presentAddress(status(...values).status, knownBefore)).toBe(address);
  });
});
