import { describe, expect, it } from "vitest";
import type { Expected } from "../../../checks";
import { staleEntries } from "../../../checks/mesh/stale-entries";
import { Unreachable } from "../../../kubernetes";
import { demoCluster } from "./fake-demo";
import { against, clusterOf, type FakeReader, findingsOf, told } from "./fake-reader";
import { meshCluster } from "./fake-objects";

const path = "/apis/networking.istio.io/v1/namespaces/istio-system/workloadentries";

/** An entry as Solo's istiod makes it. */
function entry(source: string, pod: string, address: string): object {
  return {
    metadata: {
      name: `autogenflat.${source}.demo.${pod}.eacd81ea03fd`,
      namespace: "istio-system",
      labels: {
        "solo.io/source-cluster": source,
        "solo.io/parent-service": "global-service",
        "solo.io/parent-service-namespace": "demo",
      },
      annotations: { "solo.io/peered-workload-uid": `${source}//Pod/demo/${pod}` },
    },
    spec: { address, network: "flat-network" },
  };
}

/** By name: the address of its one pod. */
const ips: Readonly<Record<string, string>> = { one: "10.10.0.5", two: "10.20.0.5" };

function cluster(name: string, hollow = false): FakeReader {
  const ip = ips[name] ?? "";
  return demoCluster(name, { ips: [ip], distribution: "solo", hollow }).add(
    "/apis/discovery.k8s.io/v1/endpointslices",
    {
      metadata: { name: "slice", namespace: "demo", labels: { "kubernetes.io/service-name": "global-service" } },
      endpoints: [
        { addresses: [ip], conditions: { ready: true }, targetRef: { kind: "Pod", name: `global-service-${name}-1` } },
      ],
    },
  );
}

function two() {
  return {
    one: cluster("one").add(path, entry("two", "global-service-two-1", "10.20.0.5")),
    two: cluster("two").add(path, entry("one", "global-service-one-1", "10.10.0.5"), {
      // The entry for the whole Service, by way of the gateway.
      metadata: { name: "autogen.one.demo.global-service", namespace: "istio-system" },
      spec: {},
    }),
  };
}

const links = [
  { from: "one", to: "two" },
  { from: "two", to: "one" },
];

function find(looks: Readonly<Record<string, FakeReader>>, expected: Expected = { links }) {
  const clusters = Object.entries(looks).map(([name, look]) => clusterOf(name, look));
  return findingsOf(staleEntries, { clusters, expected });
}

describe("stale-entries", () => {
  it("holds where each stands for a pod, by settings and by contexts", async () => {
    expect(told(await find(two()))).toEqual([
      "passed one: 1 entries for pods of two stand for existing pods",
      "passed two: 1 entries for pods of one stand for existing pods",
    ]);
    expect(against(await find(two(), {}))).toEqual([]);
  });

  it("leaves pods on their way out to istiod", async () => {
    const looks = two();
    const pods = looks.two.lists.get("/api/v1/pods") as { metadata: { name: string; deletionTimestamp?: string } }[];
    pods.forEach(({ metadata }) => (metadata.deletionTimestamp = "2026-11-25T10:00:00Z"));
    expect(against(await find(looks)).filter((finding) => finding.includes("gone"))).toEqual([]);
  });

  it("names an entry whose pod is gone, and who has its address by now", async () => {
    const looks = two();
    looks.one.add(
      path,
      entry("two", "global-service-two-9", "10.20.0.9"),
      entry("two", "global-service-two-8", "10.20.0.5"),
    );
    const findings = await find(looks);
    expect(against(findings)).toEqual([
      "failed one: entry autogenflat.two.demo.global-service-two-9.eacd81ea03fd is for pod demo/global-service-two-9 (10.20.0.9) of two, which is gone",
      expect.stringMatching(
        /global-service-two-8 \(10.20.0.5\) of two, which is gone; demo\/global-service-two-1 has that address now$/,
      ),
    ]);
    expect(findings.find(({ status }) => status === "failed")?.remedy).toContain(
      "kubectl --context one delete workloadentry -n istio-system autogenflat.two.demo.global-service-two-9.eacd81ea03fd",
    );
  });

  it("sees another address, and the pod that lacks an entry of its own", async () => {
    const looks = two();
    looks.one.lists.set(path, [entry("two", "global-service-two-1", "10.20.0.77")]);
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/has 10.20.0.77 for pod demo\/global-service-two-1 of two, which has 10.20.0.5/),
      expect.stringMatching(
        /there is no entry for pod global-service-two-1 \(10.20.0.5\) of two, which answers Service demo\/global-service/,
      ),
    ]);
  });

  it("misses entries where istiod runs", async () => {
    const looks = two();
    looks.one.lists.delete(path);
    expect(against(await find(looks))).toEqual([expect.stringMatching(/^failed one: there is no entry for pod/)]);
  });

  it("sees entries of clusters that are no link, or not in the mesh", async () => {
    const looks = two();
    looks.one.add(path, entry("gone", "web-1", "10.30.0.5"), entry("one", "web-1", "10.10.0.9"));
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/^failed one: 1 entries are for pods of gone, which is not in this mesh/),
      expect.stringMatching(/^failed one: 1 entries are for pods of one, which is this cluster itself/),
    ]);
    expect(against(await find(two(), { links: links.slice(1) }))).toEqual([
      expect.stringMatching(/^failed one: .* pods of two, to which one has no link/),
    ]);
  });

  it("can't tell of a cluster that is not looked at, and leaves another stack's alone", async () => {
    const looks = two();
    looks.one.add(path, entry("far", "web-1", "10.30.0.5"));
    expect(against(await find(looks, {}))).toEqual([
      expect.stringMatching(/^unknown one: .*far, which is not checked/),
    ]);
    const expected = { links: [...links, { from: "one", to: "far" }] };
    expect(against(await find(looks, expected))).toEqual([]);
    looks.two.items = () => Promise.reject(new Unreachable("connect ECONNREFUSED"));
    expect(against(await find(looks, expected))).toContainEqual(
      expect.stringMatching(/^unknown one: it is unknown whether 1 entries for pods of two are right: .*ECONNREFUSED/),
    );
  });

  it("passes with none only where there is nothing to tell of", async () => {
    const none = {
      one: meshCluster("one", { distribution: "solo" }),
      two: meshCluster("two", { distribution: "solo" }),
    };
    expect((await find(none)).map(({ status }) => status)).toEqual(["passed", "passed"]);
    const hollow = { one: cluster("one", true), two: cluster("two", true) };
    expect((await find(hollow)).map(({ status }) => status)).toEqual(["notObservable", "notObservable"]);
  });

  it("is none of upstream's business", async () => {
    expect((await find({ one: meshCluster("one") })).map(({ status }) => status)).toEqual(["notApplicable"]);
  });
});
