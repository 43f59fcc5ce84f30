import { describe, expect, it } from "vitest";
import type { Expected } from "../../../checks";
import { binomialTest, callsToMiss } from "../../../checks/mesh/traffic-spread";
import { trafficBy } from "../../../checks/mesh/traffic";
import { connectionsIn } from "../../../istio";
import { demoCluster } from "./fake-demo";
import { against, clusterOf, type FakeReader, findingsOf, told } from "./fake-reader";
import { meshCluster, pod } from "./fake-objects";

const hosts = {
  community: "global-service.demo.svc.cluster.local",
  solo: "global-service.demo.mesh.internal",
};
type Distribution = keyof typeof hosts;

/** One call's line in ztunnel's log, as it writes it. */
function logged(client: string, destination: string, { host = hosts.community, json = false, ago = 0 } = {}): string {
  const time = new Date(Date.now() - ago).toISOString();
  const fields = {
    "src.addr": "10.10.0.9:40000",
    "src.workload": client,
    "src.namespace": "demo",
    "src.identity": "spiffe://cluster.local/ns/demo/sa/sleep",
    "dst.addr": destination,
    "dst.hbone_addr": destination.replace("15008", "5000"),
    "dst.service": host,
    direction: "outbound",
    bytes_sent: 107,
    bytes_recv: 218,
    duration: "40ms",
  };
  if (json) {
    return JSON.stringify({ level: "info", time, scope: "access", message: "connection complete", ...fields });
  }
  const text = Object.entries(fields).map(([key, value]) =>
    key.endsWith("_addr") || key.endsWith(".addr") || typeof value === "number"
      ? `${key}=${String(value)}`
      : `${key}="${value}"`,
  );
  return `${time}\tinfo\taccess\tconnection complete\t${text.join(" ")}`;
}

interface Traffic {
  /** Pods that answer in turn, by the last part of their names and their addresses. */
  readonly answers: readonly (readonly [pod: string, destination: string])[];
  /** What curl exited with where it fails, for each such call at the end. */
  readonly failures?: readonly number[];
  readonly json?: boolean;
  readonly silent?: boolean;
}

const ips: Readonly<Record<string, readonly string[]>> = {
  one: ["10.10.0.5", "10.10.0.6"],
  two: ["10.20.0.5", "10.20.0.6"],
};
/** Each pod in its turn, straight to it. */
const even = ["one", "two"].flatMap((name) =>
  [1, 2].map((n) => [`global-service-${name}-${String(n)}`, `${ips[name]?.[n - 1] ?? ""}:15008`] as const),
);

/** Has a cluster's client make these calls, and its ztunnel log them. */
function calling(look: FakeReader, name: string, distribution: Distribution, traffic: Traffic): void {
  const { answers, failures = [], json = false, silent = false } = traffic;
  look.commands.set(`sleep-${name}`, (command) => {
    const [url, count] = command.slice(4);
    expect(url).toBe(`http://${hosts[distribution]}:5000/hello`);
    const made = Array.from({ length: Number(count) - failures.length }, (_, call) => answers[call % answers.length]);
    const lines = made.map((answer) => logged(`sleep-${name}`, answer?.[1] ?? "", { host: hosts[distribution], json }));
    look.texts.set(
      "/api/v1/namespaces/istio-system/pods/ztunnel-1/log",
      silent ? "info\tstarted\n" : [...lines, logged(`sleep-${name}`, "10.99.0.1:15008", { ago: 60_000 })].join("\n"),
    );
    return [
      ...made.map((answer) => `0 Hello version: v1, instance: ${answer?.[0] ?? ""}\n`),
      ...failures.map((exit) => `${String(exit)}\n`),
    ].join("");
  });
}

function two(first: Partial<Traffic> = {}, distribution: Distribution = "community") {
  const looks = {
    one: demoCluster("one", { ips: ips["one"] ?? [], distribution }),
    two: demoCluster("two", { ips: ips["two"] ?? [], distribution }),
  };
  calling(looks.one, "one", distribution, { answers: even, ...first });
  calling(looks.two, "two", distribution, { answers: even });
  return looks;
}

const links = [
  { from: "one", to: "two" },
  { from: "two", to: "one" },
];

function find(looks: Readonly<Record<string, FakeReader>>, expected: Expected = { links, demo: true }) {
  const check = trafficBy(() => Promise.resolve());
  const clusters = Object.entries(looks).map(([name, look]) => clusterOf(name, look));
  return findingsOf(check, { clusters, expected });
}

describe("traffic", () => {
  it.each(["community", "solo"] as const)(
    "holds where all pods answer evenly and directly (%s)",
    async (distribution) => {
      const findings = await find(two({}, distribution));
      expect(against(findings)).toEqual([]);
      expect(told(findings)).toContainEqual(
        `passed one: 40 of 40 calls to ${hosts[distribution]} were answered: 20 by one, 20 by two`,
      );
      expect(told(findings)).toContainEqual(
        expect.stringMatching(
          /^passed two: every call that a pod of another cluster answered went straight to that pod/,
        ),
      );
      expect(against(await find(two({}, distribution), {}))).toEqual([]);
    },
  );

  it("reads a log in JSON as well", async () => {
    expect(against(await find(two({ json: true })))).toEqual([]);
  });

  it("sees calls that fail, and how", async () => {
    const findings = against(await find(two({ failures: [28, 56] })));
    expect(findings).toEqual([
      expect.stringMatching(
        /^failed one: 2 of 40 calls .* failed: no answer within 5 seconds; the connection was reset/,
      ),
    ]);
  });

  it("sees a cluster that never answers, and one that answers too rarely", async () => {
    const own = even.slice(0, 2);
    expect(against(await find(two({ answers: own })))).toEqual([
      expect.stringMatching(/^failed one: calls .* are not spread evenly: 40 were answered by one, and 20 of 40/),
      expect.stringMatching(/^failed one: no call from pod demo\/sleep-one was answered by two, and 20 of 40/),
    ]);
    const rarely = [...Array.from({ length: 9 }, () => own).flat(), ...even.slice(2)];
    expect(against(await find(two({ answers: rarely })))[0]).toMatch(/not spread evenly: 36 were answered by one/);
    // What chance gives now and then is no fault.
    const seen = [...own, ...own, ...even.slice(2)];
    expect(against(await find(two({ answers: seen })))).toEqual([]);
  });

  it("does not judge the spread of a Service with a preference", async () => {
    const looks = two({ answers: even.slice(0, 2) });
    const service = looks.one.objects.get("/api/v1/namespaces/demo/services/global-service") as { spec: object };
    looks.one.objects.set("/api/v1/namespaces/demo/services/global-service", {
      ...service,
      spec: { ...service.spec, trafficDistribution: "PreferClose" },
    });
    const findings = await find(looks, { links: links.slice(0, 1), demo: true });
    expect(told(findings)).toContainEqual(
      expect.stringMatching(/^notApplicable one: the spread .* was not checked: .* PreferClose/),
    );
    expect(against(findings).filter((finding) => finding.includes(" one:"))).toEqual([]);
  });

  it("sees an answer from a cluster that is no link", async () => {
    expect(against(await find(two(), { links: links.slice(1), demo: true }))).toEqual([
      expect.stringMatching(
        /^failed one: calls from pod demo\/sleep-one were answered by global-service-two-1, global-service-two-2: not a pod/,
      ),
      expect.stringMatching(/^failed one: 20 of 40 calls|^failed one: 10 of 40 calls/),
      expect.stringMatching(/^failed one: 10 of 40 calls .*which is not a pod of the service/),
    ]);
  });

  it("leaves answers of other stacks' clusters unjudged", async () => {
    const looks = two({ answers: [...even, ["global-service-far-1", "10.30.0.5:15008"]] });
    const expected = { links: [...links, { from: "one", to: "far" }], demo: true };
    const findings = await find(looks, expected);
    expect(against(findings)).toEqual([]);
    expect(told(findings)).toContain(
      "notApplicable one: it was not checked whether pods of far answer: they are not known here",
    );
  });

  it.each([
    [
      "an east-west gateway",
      "172.18.0.200:15008",
      /20 of 40 calls .* went to 172.18.0.200:15008, which is the east-west gateway of two/,
    ],
    ["something else", "10.77.0.1:15008", /which is not a pod of the service/],
  ])("sees calls that go to %s", async (_, destination, message) => {
    const answers = even.map(([name, own]) => [name, name.includes("two") ? destination : own] as const);
    const expected = { links, demo: true, eastWestAddresses: { two: { type: "IPAddress", value: "172.18.0.200" } } };
    expect(against(await find(two({ answers }), expected))).toEqual([expect.stringMatching(message)]);
  });

  it("sees calls that leave the mesh", async () => {
    const answers = even.map(([name, own]) => [name, own.replace(/^(10\.20.*):15008/, "$1:5000")] as const);
    expect(against(await find(two({ answers })))[0]).toMatch(/instead of port 15008: outside the mesh/);
  });

  it("can't tell the way without a log", async () => {
    const findings = await find(two({ silent: true }));
    expect(against(findings)).toEqual([expect.stringMatching(/^unknown one: the path of the calls is unknown/)]);
    expect(findings.find(({ status }) => status === "unknown")?.remedy).toContain("l7Telemetry.accessLog");
  });

  it("sees the demo at an east-west gateway", async () => {
    const looks = two({}, "solo");
    looks.two
      .add("/apis/gateway.networking.k8s.io/v1/gateways", {
        metadata: { name: "istio-eastwest", namespace: "istio-eastwest" },
        spec: { gatewayClassName: "istio-eastwest" },
      })
      .add(
        "/api/v1/pods",
        pod("istio-eastwest/gateway-1", { labels: { "gateway.networking.k8s.io/gateway-name": "istio-eastwest" } }),
      );
    const path = "/api/v1/namespaces/istio-eastwest/pods/gateway-1/log";
    looks.two.texts.set(path, `[2026-11-25T10:00:00Z] "- - -" 0 - "outbound|15012" 10.20.0.7:15012 172.18.0.2:4000\n`);
    expect(told(await find(looks))).toContainEqual(
      "passed two: the east-west gateway (pod istio-eastwest/gateway-1) logged no connection of the demo during the test",
    );
    looks.two.texts.set(path, `[2026-11-25T10:00:00Z] "CONNECT - HTTP/2" 200 - 10.20.0.5:15008 10.20.0.7:15008\n`);
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/^failed two: the east-west gateway .* logged 1 connections of the demo/),
    ]);
  });

  it("needs the demo, and pods that run", async () => {
    const none = { one: meshCluster("one"), two: meshCluster("two") };
    expect(told(await find(none, { demo: false }))).toEqual([
      expect.stringMatching(/^notApplicable one: .*demo: true/),
      expect.stringMatching(/^notApplicable two: /),
    ]);
    expect(against(await find(none))).toEqual([
      expect.stringMatching(/^failed one: .*although the settings enable the demo/),
      expect.stringMatching(/^failed two: /),
    ]);
    const empty = { ...two(), three: demoCluster("three", { ips: [] }) };
    calling(empty.three, "three", "community", { answers: even });
    expect(
      against(
        await find(empty, {
          links: [...links, { from: "three", to: "one" }, { from: "three", to: "two" }],
          demo: true,
        }),
      ),
    ).toEqual([expect.stringMatching(/^failed three: .*does not have a pod in three to answer/)]);
    const hollow = { one: demoCluster("one", { ips: ["10.10.0.5"], hollow: true }) };
    expect((await find(hollow)).map(({ status }) => status)).toEqual(["notObservable"]);
  });
});

describe("the test against chance", () => {
  it("is the exact binomial test", () => {
    // As R has it: binom.test(x, n, p)$p.value.
    expect(binomialTest(20, 40, 0.5)).toBeCloseTo(1, 6);
    expect(binomialTest(10, 40, 0.5)).toBeCloseTo(0.002221436, 8);
    expect(binomialTest(0, 10, 0.5)).toBeCloseTo(0.001953125, 9);
    expect(binomialTest(682, 925, 0.75)).toBeCloseTo(0.3824916, 5);
    expect(binomialTest(3, 3, 1)).toBe(1);
    expect(binomialTest(2, 3, 1)).toBe(0);
  });

  it("makes as many calls as it takes to miss a cluster", () => {
    expect(callsToMiss(0.1, 1e-5)).toBe(110);
    expect((1 - 0.1) ** 110).toBeLessThan(1e-5);
    expect(callsToMiss(1, 1e-5)).toBe(1);
  });
});

describe("connectionsIn", () => {
  it("reads a line of a real ztunnel, of 1.31", () => {
    const line =
      '2026-11-25T23:23:09.064420Z\tinfo\taccess\tconnection complete\tsrc.addr=10.10.0.18:38706 src.workload="sleep-867479568b-k6tcv" src.namespace="demo" src.identity="spiffe://cluster.local/ns/demo/sa/sleep" src.cluster="lab-1" dst.addr=10.20.0.17:15008 dst.hbone_addr=10.20.0.17:5000 dst.service="global-service.demo.svc.cluster.local" dst.workload="global-service-64f78f6b89-rm7zr" dst.namespace="demo" dst.identity="spiffe://cluster.local/ns/demo/sa/default" dst.cluster="lab-2" direction="outbound" bytes_sent=111 bytes_recv=178 duration="3ms"';
    expect(connectionsIn(line)).toEqual([
      {
        time: new Date("2026-11-25T23:23:09.064Z"),
        direction: "outbound",
        source: "sleep-867479568b-k6tcv",
        sourceAddress: "10.10.0.18",
        identity: "spiffe://cluster.local/ns/demo/sa/sleep",
        destination: { address: "10.20.0.17", port: 15008 },
        service: "global-service.demo.svc.cluster.local",
        error: undefined,
      },
    ]);
  });

  it("reads what ztunnel writes, and nothing else", () => {
    const log = [
      "2026-11-25T10:00:00.000001Z\tinfo\tztunnel\tstarted",
      '2026-11-25T10:00:01.5Z\terror\taccess\tconnection complete\tsrc.addr=240.0.2.27:46802 src.workload="a" dst.addr=[fd00::1]:15008 dst.service="b.demo.mesh.internal" direction="outbound" duration="10001ms" error="connection timed out, maybe a \\"policy\\""',
      '2026-11-25T10:00:01.5Z\tdebug\taccess\tconnection opened\tsrc.addr=240.0.2.27:46802 dst.addr=10.0.0.1:15008 direction="outbound"',
      "{not json",
      '{"level":"info","time":"2026-11-25T10:00:00Z","scope":"proxy","message":"connection complete"}',
    ].join("\n");
    expect(connectionsIn(log)).toEqual([
      {
        time: new Date("2026-11-25T10:00:01.500Z"),
        direction: "outbound",
        source: "a",
        sourceAddress: "240.0.2.27",
        identity: undefined,
        destination: { address: "fd00::1", port: 15008 },
        service: "b.demo.mesh.internal",
        error: expect.stringContaining("timed out") as string,
      },
    ]);
  });
});
