import { describe, expect, it } from "vitest";
import type { Expected } from "../../../checks";
import { podMatrixBy } from "../../../checks/mesh/pod-matrix";
import { Unreachable } from "../../../kubernetes";
import { demoCluster } from "./fake-demo";
import { against, clusterOf, type FakeReader, findingsOf, told } from "./fake-reader";
import { meshCluster } from "./fake-objects";

const addresses = { one: ["10.10.0.5", "10.10.0.6"], two: ["10.20.0.5", "10.20.0.6"] };

/** What a pod's shell prints where all answer but these. */
const printing =
  (silent: Readonly<Record<string, string>> = {}) =>
  ([, , , , ...urls]: readonly string[]): string =>
    urls.map((url) => `${url} ${silent[new URL(url).hostname] ?? "200 0"}\n`).join("");

const clients = { one: "10.10.0.9", two: "10.20.0.9" };
const nodes = { one: "172.18.0.2", two: "172.18.0.3" };

function two(silent: Readonly<Record<string, string>> = {}) {
  const looks = {
    one: demoCluster("one", { ips: addresses.one, clientIp: clients.one, address: nodes.one }),
    two: demoCluster("two", { ips: addresses.two, clientIp: clients.two, address: nodes.two }),
  };
  looks.one.commands.set("sleep-one", printing(silent));
  looks.two.commands.set("sleep-two", printing());
  return looks;
}

function find(looks: Readonly<Record<string, FakeReader>>, expected: Expected = { demo: true, links: [] }) {
  const clusters = Object.entries(looks).map(([name, look]) => clusterOf(name, look));
  return findingsOf(
    podMatrixBy(() => Promise.resolve()),
    { clusters, expected },
  );
}

/** A line of a real ztunnel, of 1.31: where something masquerades it does not know the pod, but who has opened the connection. */
const inbound = (source: string, pod: string, { account = "sleep", ago = 0 } = {}) =>
  `${new Date(Date.now() - ago).toISOString()}\tinfo\taccess\tconnection complete\tsrc.addr=${source}:38706 ` +
  `src.identity="spiffe://cluster.local/ns/demo/sa/${account}" dst.addr=${pod}:15008 dst.hbone_addr=${pod}:5000 direction="inbound"`;

/** What the ztunnel of a cluster has logged of calls to all of its pods. */
function logged(look: FakeReader, pods: readonly string[], ...sources: readonly string[]): void {
  const lines = pods.flatMap((pod) => sources.map((source) => inbound(source, pod)));
  look.texts.set("/api/v1/namespaces/istio-system/pods/ztunnel-1/log", lines.join("\n"));
}

describe("pod-matrix", () => {
  it("holds where every pod answers every client, links or not, and is seen by its own address", async () => {
    const looks = two();
    logged(looks.one, addresses.one, clients.one, clients.two);
    logged(looks.two, addresses.two, clients.one, clients.two);
    const findings = await find(looks);
    expect(told(findings)).toEqual([
      "passed one: to one: 2 of 2 pods answer by IP, and see the caller's own address 10.10.0.9",
      "passed one: to two: 2 of 2 pods answer by IP, and see the caller's own address 10.10.0.9",
      "passed two: to one: 2 of 2 pods answer by IP, and see the caller's own address 10.20.0.9",
      "passed two: to two: 2 of 2 pods answer by IP, and see the caller's own address 10.20.0.9",
    ]);
    expect(findings[1]?.calls).toEqual([
      { from: "demo/sleep-one", to: "demo/global-service-two-1", sourceAddress: "10.10.0.9" },
      { from: "demo/sleep-one", to: "demo/global-service-two-2", sourceAddress: "10.10.0.9" },
    ]);
  });

  it("warns of calls that a pod sees come from a node, and says which", async () => {
    const looks = two();
    logged(looks.one, addresses.one, clients.one, clients.two);
    logged(looks.two, addresses.two, nodes.one, clients.two);
    const findings = await find(looks);
    expect(against(findings)).toEqual([
      "warning one: calls of pod demo/sleep-one (10.10.0.9) are seen to come from 172.18.0.2, an address of its node one-control-plane, by " +
        "global-service-two-1, global-service-two-2 of two",
    ]);
    const [warning] = findings.filter(({ status }) => status === "warning");
    expect(warning).toMatchObject({
      cluster: "one",
      peer: "two",
      remedy: expect.stringMatching(/source-addresses/) as string,
    });
    const passed = findings.find(({ cluster, peer }) => cluster === "one" && peer === "two");
    expect(passed?.message).toBe("to two: 2 of 2 pods answer by IP");
    expect(passed?.calls?.map(({ sourceAddress }) => sourceAddress)).toEqual(["172.18.0.2", "172.18.0.2"]);
  });

  it("warns of an address that is nobody's, where it can only be of one caller", async () => {
    const looks = two();
    logged(looks.one, addresses.one, clients.one, clients.two);
    logged(looks.two, addresses.two, "192.0.2.1", clients.two);
    expect(against(await find(looks))).toEqual([
      "warning one: calls of pod demo/sleep-one (10.10.0.9) are seen to come from 192.0.2.1, by global-service-two-1, " +
        "global-service-two-2 of two",
    ]);
    logged(looks.two, addresses.two, "192.0.2.1", "192.0.2.2");
    expect(against(await find(looks))).toEqual([]);
  });

  it("says that the address is not known where ztunnel has not logged these calls", async () => {
    const looks = two();
    const [pod = ""] = addresses.two;
    const log = [inbound(nodes.one, pod, { account: "other" }), inbound(nodes.one, pod, { ago: 60_000 })].join("\n");
    looks.two.texts.set("/api/v1/namespaces/istio-system/pods/ztunnel-1/log", log);
    const findings = await find(looks);
    expect(told(findings)).toContain(
      "passed one: to two: 2 of 2 pods answer by IP; what address they see is not known, since ztunnel there has not logged it",
    );
    expect(findings[1]?.calls?.[0]).toEqual({ from: "demo/sleep-one", to: "demo/global-service-two-1" });
    expect(against(findings)).toEqual([]);
  });

  it("names both ends, and the routes where no pod of a cluster answers", async () => {
    const findings = await find(two({ "10.20.0.5": "000 28", "10.20.0.6": "000 28" }));
    expect(against(findings)).toEqual([
      "failed one: pod demo/sleep-one gets no answer from pod demo/global-service-two-1 of two (10.20.0.5, on node two-control-plane): no answer within 5 seconds",
      expect.stringContaining("10.20.0.6"),
    ]);
    expect(findings.find(({ status }) => status === "failed")?.remedy).toMatch(
      /routes between one and two, in either direction/,
    );
  });

  it("names the node where others answer, and the cluster itself where it is its own pod", async () => {
    const remedies = async (silent: Readonly<Record<string, string>>) =>
      (await find(two(silent))).flatMap(({ remedy = [] }) => remedy);
    expect(await remedies({ "10.20.0.6": "000 7" })).toEqual([
      expect.stringMatching(/Other pods of two answer: most likely the route to node two-control-plane/),
    ]);
    expect(await remedies({ "10.10.0.5": "503 0" })).toEqual([
      expect.stringMatching(/Find out what is wrong within one/),
    ]);
    expect(against(await find(two({ "10.10.0.5": "503 0" })))[0]).toMatch(/it answers 503/);
  });

  it("takes no pods for a fault where the demo should be there, and for none of its business elsewhere", async () => {
    const looks = { ...two(), three: meshCluster("three") };
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/^failed one: .*does not have a pod in three to call/),
      expect.stringMatching(/^failed two: .*does not have a pod in three to call/),
      expect.stringMatching(/^failed three: .*does not have a pod to call from/),
    ]);
    const byContexts = await find(looks, {});
    expect(against(byContexts)).toEqual([]);
    expect(told(byContexts)).toContainEqual(expect.stringMatching(/^notApplicable three: .*demo: true/));
    expect((await find({ one: meshCluster("one") }, { demo: false })).map(({ status }) => status)).toEqual([
      "notApplicable",
    ]);
  });

  it("does not count a cluster that does not answer as reached", async () => {
    const looks = two();
    looks.two.items = () => Promise.reject(new Unreachable("connect ECONNREFUSED"));
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/^unknown one: to two: .*ECONNREFUSED/),
      expect.stringMatching(/^unknown two: /),
    ]);
  });

  it("is unknown where the command can't be run, and not observable on kwok", async () => {
    const looks = two();
    looks.one.commands.clear();
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/^unknown one: could not be read: pod sleep-one/),
    ]);
    const hollow = { one: demoCluster("one", { ips: ["10.10.0.5"], hollow: true }) };
    expect((await find(hollow)).map(({ status }) => status)).toEqual(["notObservable"]);
  });
});
