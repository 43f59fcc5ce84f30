import { describe, expect, it } from "vitest";
import type { Expected } from "../../../checks";
import { globalServices } from "../../../checks/mesh/global-services";
import { serviceAddressesIn } from "../../../istio";
import { Unreachable } from "../../../kubernetes";
import { demoCluster } from "./fake-demo";
import { against, clusterOf, type FakeReader, findingsOf, told } from "./fake-reader";
import { meshCluster } from "./fake-objects";

const ips: Readonly<Record<string, readonly string[]>> = { one: ["10.10.0.5", "10.10.0.6"], two: ["10.20.0.5"] };
const all = Object.values(ips).flat();
type Distribution = "solo" | "community";

/** The dump of a ztunnel that knows these endpoints, as it writes it (a list since 1.22). */
function dump(addresses: readonly string[], distribution: Distribution): object {
  const host = `global-service.demo.${distribution === "solo" ? "mesh.internal" : "svc.cluster.local"}`;
  const uid = (address: string) => `cluster//Pod/demo/${address}`;
  return {
    services: [
      {
        name: "kubernetes",
        namespace: "default",
        hostname: "kubernetes.default.svc.cluster.local",
        vips: [],
        endpoints: {},
      },
      {
        name: "global-service",
        namespace: "demo",
        hostname: host,
        vips: ["flat/10.255.10.7"],
        ports: { "5000": 5000 },
        endpoints: Object.fromEntries(
          addresses.map((address) => [uid(address), { workloadUid: uid(address), port: { "5000": 5000 } }]),
        ),
      },
    ],
    workloads: addresses.map((address) => ({ uid: uid(address), workloadIps: [address], clusterId: "cluster" })),
    policies: [],
  };
}

function slices(addresses: readonly string[], name: string, ready = true): object {
  return {
    metadata: { name: "slice", namespace: "demo", labels: { "kubernetes.io/service-name": "global-service" } },
    endpoints: addresses.map((address, index) => ({
      addresses: [address],
      conditions: { ready },
      targetRef: { kind: "Pod", name: `global-service-${name}-${String(index + 1)}` },
    })),
  };
}

function shared(name: string, distribution: Distribution = "community", hollow = false): FakeReader {
  const look = demoCluster(name, { ips: ips[name] ?? [], distribution, hollow });
  look.add("/apis/discovery.k8s.io/v1/endpointslices", slices(ips[name] ?? [], name));
  look.pods.set("ztunnel-1:15000/config_dump", dump(all, distribution));
  if (distribution === "solo" && !hollow) {
    look.add("/apis/networking.istio.io/v1/namespaces/istio-system/serviceentries", {
      metadata: { name: "autogen.demo.global-service", namespace: "istio-system" },
      spec: { hosts: ["global-service.demo.mesh.internal"] },
    });
  }
  return look;
}

const two = (distribution: Distribution = "community", hollow = false) => ({
  one: shared("one", distribution, hollow),
  two: shared("two", distribution, hollow),
});

function find(looks: Readonly<Record<string, FakeReader>>, expected: Expected = {}) {
  const clusters = Object.entries(looks).map(([name, look]) => clusterOf(name, look));
  return findingsOf(globalServices, { clusters, expected });
}

describe("global-services", () => {
  it.each(["community", "solo"] as const)(
    "holds where each ztunnel knows the endpoints of all (%s)",
    async (distribution) => {
      const findings = await find(two(distribution));
      expect(findings.map(({ status }) => status)).toEqual(["passed", "passed"]);
      expect(findings[0]?.message).toMatch(/knows global-service\.demo\.\S+ with 3 endpoints/);
    },
  );

  it("is not applicable where there is none", async () => {
    expect(told(await find({ one: meshCluster("one") }))).toEqual([
      "notApplicable -: no Service has the label istio.io/global=true: none is shared by clusters",
    ]);
  });

  it("misses the Service, and its label, in a cluster that calls it", async () => {
    const looks = two();
    looks.two.lists.set("/api/v1/services", []);
    expect(against(await find(looks))).toEqual([
      "failed two: Service demo/global-service is global in one, but does not exist here: its host is unknown in this cluster",
    ]);
    looks.two.add("/api/v1/services", { metadata: { name: "global-service", namespace: "demo" }, spec: {} });
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/^failed two: .* does not have the label istio.io\/global=true here/),
    ]);
    // One that is not linked to its cluster need not have it.
    expect(against(await find(looks, { links: [{ from: "one", to: "two" }] }))).toEqual([]);
  });

  it("misses the ServiceEntry of one, and that with its host", async () => {
    const looks = two("solo");
    const path = "/apis/networking.istio.io/v1/namespaces/istio-system/serviceentries";
    looks.one.lists.set(path, []);
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(
        /^failed one: Service demo\/global-service has no ServiceEntry istio-system\/autogen.demo.global-service/,
      ),
    ]);
    looks.one.add(path, {
      metadata: { name: "autogen.demo.global-service", namespace: "istio-system" },
      spec: { hosts: ["other.demo.mesh.internal"] },
    });
    expect(against(await find(looks))).toHaveLength(1);
  });

  it("sees one that nobody answers", async () => {
    const looks = two();
    for (const [name, look] of Object.entries(looks)) {
      look.lists.set("/apis/discovery.k8s.io/v1/endpointslices", [slices(ips[name] ?? [], name, false)]);
    }
    const findings = await find(looks);
    expect(against(findings)).toEqual([
      "failed -: Service demo/global-service has no ready endpoint in any cluster (one, two)",
    ]);
  });

  it("names the endpoints that a ztunnel does not know, and a host that it does not", async () => {
    const looks = two();
    looks.one.pods.set("ztunnel-1:15000/config_dump", dump(ips["one"] ?? [], "community"));
    expect(against(await find(looks))).toEqual([
      "failed one: ztunnel (pod istio-system/ztunnel-1) does not know all endpoints of global-service.demo.svc.cluster.local: global-service-two-1 of two (10.20.0.5) is missing",
    ]);
    looks.one.pods.set("ztunnel-1:15000/config_dump", { services: [], workloads: [] });
    expect(against(await find(looks))[0]).toMatch(/does not know global-service.demo.svc.cluster.local$/);
  });

  it("can't tell where ztunnel does not answer, or otherwise", async () => {
    const looks = two();
    looks.one.pods.clear();
    looks.two.pods.set("ztunnel-1:15000/config_dump", []);
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/^unknown one: .*connection refused/),
      expect.stringMatching(/^unknown two: .*an unknown format/),
    ]);
  });

  it.each(["community", "solo"] as const)(
    "is not observable on kwok, faults of objects aside (%s)",
    async (distribution) => {
      const looks = two(distribution, true);
      const statuses = new Set((await find(looks)).map(({ status }) => status));
      expect([...statuses]).toEqual(["notObservable"]);
      looks.one.lists.set("/apis/discovery.k8s.io/v1/endpointslices", []);
      looks.two.lists.set("/apis/discovery.k8s.io/v1/endpointslices", []);
      expect(against(await find(looks))).toEqual([expect.stringMatching(/no ready endpoint/)]);
    },
  );

  it("looks at the others where a cluster does not answer", async () => {
    const looks = two();
    looks.two.items = () => Promise.reject(new Unreachable("connect ECONNREFUSED"));
    const findings = told(await find(looks));
    expect(findings[0]).toMatch(/^unknown two: .*ECONNREFUSED/);
    expect(findings[1]).toMatch(/^passed one: /);
  });
});

describe("serviceAddressesIn", () => {
  it("reads the maps of older dumps, whose endpoints have their addresses", () => {
    const known = serviceAddressesIn({
      services: {
        "/10.96.65.117": {
          name: "web",
          namespace: "demo",
          hostname: "web.demo.svc.cluster.local",
          endpoints: {
            "c//Pod/demo/web-1:/10.244.2.52": { workloadUid: "c//Pod/demo/web-1", address: "flat/10.244.2.52" },
          },
        },
      },
      workloads: { "flat/10.244.2.52": { uid: "c//Pod/demo/web-1", workloadIps: ["10.244.2.52"] } },
    });
    expect([...(known?.("web.demo.svc.cluster.local", "demo") ?? [])]).toEqual(["10.244.2.52"]);
    expect(known?.("other.demo.svc.cluster.local", "demo")).toBeUndefined();
    expect(serviceAddressesIn("nothing")).toBeUndefined();
  });
});
