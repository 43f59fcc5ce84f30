import { describe, expect, it } from "vitest";
import type { Expected } from "../../../checks";
import { podMatrix } from "../../../checks/mesh/pod-matrix";
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

function two(silent: Readonly<Record<string, string>> = {}) {
  const looks = {
    one: demoCluster("one", { ips: addresses.one }),
    two: demoCluster("two", { ips: addresses.two }),
  };
  looks.one.commands.set("sleep-one", printing(silent));
  looks.two.commands.set("sleep-two", printing());
  return looks;
}

function find(looks: Readonly<Record<string, FakeReader>>, expected: Expected = { demo: true, links: [] }) {
  const clusters = Object.entries(looks).map(([name, look]) => clusterOf(name, look));
  return findingsOf(podMatrix, { clusters, expected });
}

describe("pod-matrix", () => {
  it("holds where every pod answers every client, links or not", async () => {
    expect(told(await find(two()))).toEqual([
      "passed one: to one: 2 of 2 pods answer by IP",
      "passed one: to two: 2 of 2 pods answer by IP",
      "passed two: to one: 2 of 2 pods answer by IP",
      "passed two: to two: 2 of 2 pods answer by IP",
    ]);
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
