import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { imageVersion, versions } from "../../../checks/mesh/versions";
import type { Cluster } from "../../../checks/inventory";
import { fakeCluster } from "./fake-cluster";
import { bad, good, look } from "./run-check";
import { container, gateway, pod, workload } from "./workload";

const namespace = "istio-system";

/** A revision as Helm keeps it. */
function revision(chart: string, version: string, number = 1, status = "deployed"): object {
  const name = chart === "base" ? "istio-base" : chart;
  const content = {
    name,
    namespace,
    version: number,
    info: { status },
    chart: { metadata: { name: chart, version } },
    config: { license: { value: "secret-licence" } },
  };
  const release = gzipSync(JSON.stringify(content)).toString("base64");
  return {
    metadata: { name: `sh.helm.release.v1.${name}.v${String(number)}`, namespace, labels: { owner: "helm", name } },
    type: "helm.sh/release.v1",
    data: { release: Buffer.from(release).toString("base64") },
  };
}

interface Parts {
  readonly istiod?: string;
  readonly cni?: string;
  readonly ztunnel?: string;
  readonly gateway?: string;
  readonly ztunnelPod?: string;
  readonly releases?: readonly object[];
  readonly annotations?: Readonly<Record<string, string>>;
}

const right = "1.28.5-solo";
const allCharts = (version = right) => ["base", "istiod", "cni", "ztunnel"].map((chart) => revision(chart, version));

function cluster(name: string, parts: Parts = {}): Cluster {
  const image = (what: string, tag = `:${right}-distroless`) => `registry.example:5000/istio/${what}${tag}`;
  const { ztunnel, ztunnelPod = ztunnel, releases = allCharts(), annotations } = parts;
  const ofGateway = { "gateway.networking.k8s.io/gateway-name": "istio-eastwest" };
  return fakeCluster(name, {
    "/apis/apps/v1/deployments": [
      workload(
        "istio-system/istiod",
        { app: "istiod" },
        [container("discovery", image("pilot", parts.istiod))],
        annotations,
      ),
      workload("istio-eastwest/istio-eastwest", ofGateway, [container("istio-proxy", image("proxyv2", parts.gateway))]),
    ],
    "/apis/apps/v1/daemonsets": [
      workload("istio-system/ztunnel", { app: "ztunnel" }, [container("istio-proxy", image("ztunnel", ztunnel))]),
      workload("istio-system/istio-cni-node", { "k8s-app": "istio-cni-node" }, [
        container("install-cni", image("install-cni", parts.cni)),
      ]),
    ],
    "/api/v1/pods": [
      pod("istio-system/ztunnel-1", { app: "ztunnel" }, [container("istio-proxy", image("ztunnel", ztunnelPod))]),
    ],
    "/apis/gateway.networking.k8s.io/v1/gateways": [gateway("istio-eastwest/istio-eastwest", "istio-eastwest", {})],
    "/api/v1/secrets": [{ metadata: { name: "cacerts", namespace }, type: "Opaque" }, ...releases],
    "/api/v1/configmaps": [],
  });
}

const expected = { version: right };

it("reads versions of images", () => {
  const of = (image: string) => imageVersion(image).version;
  expect(of("registry:5000/istio/pilot:1.28.5-solo-distroless@sha256:ab")).toBe("1.28.5-solo");
  expect(of("docker.io/istio/pilot:1.31.0-fips-distroless")).toBe("1.31.0");
  expect(of("registry:5000/istio/pilot")).toBeUndefined();
  expect(of("istio/pilot@sha256:ab")).toBeUndefined();
});

describe("one version of everything", () => {
  it("holds against the settings, and without any", async () => {
    for (const wanted of [expected, {}]) {
      const findings = await look(versions, [cluster("a"), cluster("b", { cni: `:${right}` })], wanted);
      expect(bad(findings)).toEqual([]);
      expect(good(findings)).toEqual(
        ["charts", "images"].flatMap((kind) => ["a", "b"].map((name) => `passed ${name}: 4 ${kind} of ${right}`)),
      );
    }
  });

  it("is not asked of charts where there is no Helm, nor of an image by its digest alone", async () => {
    const findings = await look(versions, [cluster("a", { releases: [], istiod: "@sha256:ab" })], expected);
    expect(bad(findings)).toEqual([]);
    expect(good(findings)).toEqual([
      "notApplicable a: no charts: Istio was not installed with Helm here",
      expect.stringMatching(/^notApplicable a: the image of istiod .* does not state a version: .*@sha256:ab$/),
      `passed a: 3 images of ${right}`,
    ]);
  });

  it("is that of the deployed revision, and no mirror before an image's name matters", async () => {
    const releases = [
      ...allCharts().slice(1),
      revision("base", "1.28.4-solo", 1, "superseded"),
      revision("base", right, 2),
    ];
    expect(bad(await look(versions, [cluster("a", { releases })], expected))).toEqual([]);
  });
});

describe("a fault of a version", () => {
  it("is an image's, against the settings or the others", async () => {
    const other = cluster("a", { ztunnel: ":1.28.4-solo-distroless" });
    const message =
      "failed a: the image of ztunnel (DaemonSet istio-system/ztunnel) is 1.28.4-solo instead of 1.28.5-solo";
    expect(bad(await look(versions, [other], expected))).toEqual([message]);
    expect(bad(await look(versions, [other, cluster("b")]))).toEqual([`${message}, as most have`]);
    expect(bad(await look(versions, [cluster("a", { gateway: ":1.28.4-solo" })], expected))).toEqual([
      expect.stringMatching(/the image of the east-west gateway .* is 1.28.4-solo/),
    ]);
  });

  it("is a chart's", async () => {
    const releases = [...allCharts().slice(0, 3), revision("ztunnel", "1.28.4-solo")];
    expect(bad(await look(versions, [cluster("a", { releases })], expected))).toEqual([
      "failed a: the chart ztunnel (Helm release istio-system/ztunnel) is 1.28.4-solo instead of 1.28.5-solo",
    ]);
  });

  it.each(["failed", "pending-upgrade"])(
    "is a release whose last revision is %s, and no value of it is told",
    async (status) => {
      const releases = [...allCharts(), revision("istiod", right, 2, status)];
      const findings = await look(versions, [cluster("a", { releases })], expected);
      expect(bad(findings)).toEqual([
        `failed a: Helm release istio-system/istiod (chart istiod): its last revision, 2, is ${status}`,
      ]);
      expect(JSON.stringify(findings)).not.toContain("secret-licence");
    },
  );

  it("is a pod that runs something else than its workload says by now", async () => {
    const own = cluster("a", { ztunnelPod: ":1.28.4-solo-distroless" });
    expect(bad(await look(versions, [own], expected))).toEqual([
      expect.stringMatching(/^warning a: pod istio-system\/ztunnel-1 runs .*:1.28.4-solo-distroless, while DaemonSet/),
    ]);
  });

  it("is a release that Helm has lost, or can't be read", async () => {
    const annotations = { "meta.helm.sh/release-name": "istiod", "meta.helm.sh/release-namespace": namespace };
    const releases = allCharts().filter((_, index) => index !== 1);
    expect(bad(await look(versions, [cluster("a", { annotations, releases })], expected))).toEqual([
      expect.stringMatching(
        /^warning a: Deployment istio-system\/istiod was installed by Helm release istio-system\/istiod, of which/,
      ),
    ]);
    const broken = { ...revision("istiod", right), data: { release: "AAAA" } };
    const found = await look(versions, [cluster("a", { releases: [...releases, broken] })], expected);
    expect(bad(found)).toEqual([
      expect.stringMatching(/^unknown a: Secret istio-system\/sh.helm.release.v1.istiod.v1/),
    ]);
  });

  it("is that nothing of Istio is there", async () => {
    expect(bad(await look(versions, [fakeCluster("a", {})]))).toEqual([
      "failed a: Istio is not installed: there is no istiod, CNI or ztunnel",
    ]);
  });
});
