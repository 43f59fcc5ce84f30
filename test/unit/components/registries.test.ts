import { describe, expect, it } from "vitest";
import { DemoApp } from "../../../components/demo";
import { inside, targetCluster } from "../../../components/clusters";
import { createMeshes, meshImages } from "../../../components/mesh";
import { createPeering } from "../../../components/peering";
import { kind, parse } from "../settings/config";
import { run } from "./mocks";
import { clustersOf, nothingKnown } from "./preflight";

const digest = `sha256:${"a".repeat(64)}`;
const registry = { server: "registry.example.com", username: "robot", password: "t0p-s3cret" };
const dockerConfig = JSON.stringify({
  auths: {
    "registry.example.com": { username: "robot", password: "t0p-s3cret", auth: "cm9ib3Q6dDBwLXMzY3JldA==" },
  },
});

/** A stack of two clusters, with the demo. */
function stack(
  changes: Readonly<Record<string, unknown>> = {},
  chartRegistry?: { username: string; password: string },
) {
  const settings = parse({ clusters: [kind("a"), kind("b")], ...changes });
  return run(() => {
    const clusters = clustersOf(settings);
    const meshes = createMeshes({
      settings,
      clusters,
      trust: { intermediates: new Map() },
      gatewayApi: [],
      reissues: {},
      chartRegistry,
    });
    createPeering({ settings, meshes, ...nothingKnown, chartRegistry });
    meshes.forEach(({ cluster, mesh }) => {
      const { distribution, imagePullSecrets: pullSecrets } = settings;
      const args = { ...targetCluster(cluster), distribution, version: "v1", sidecars: true, pullSecrets };
      new DemoApp(`${cluster.namePrefix}-demo`, args, inside(cluster, { dependsOn: [mesh] }));
    });
  });
}

describe("Secrets that images are pulled with", () => {
  it("are made in every namespace of the stack where they have a registry, as secrets", async () => {
    const { all, resources } = await stack({ imagePullSecrets: [{ name: "there" }, { name: "company", registry }] });
    const secrets = all("kubernetes:core/v1:Secret");
    expect(secrets.map(({ name, inputs: { metadata } }) => [name, metadata])).toEqual(
      ["a-", "b-"].flatMap((prefix) =>
        ["demo", "istio-eastwest", "istio-system"].map((namespace) => [
          expect.stringMatching(`^${prefix}.*${namespace}-pull-secret-company$`) as unknown,
          { name: "company", namespace },
        ]),
      ),
    );
    for (const { inputs, secrets: hidden } of secrets) {
      expect(inputs).toMatchObject({
        type: "kubernetes.io/dockerconfigjson",
        stringData: { ".dockerconfigjson": dockerConfig },
      });
      expect(hidden).toContain("stringData");
    }
    const others = resources.filter(({ type }) => type !== "kubernetes:core/v1:Secret");
    expect(JSON.stringify(others)).not.toContain("t0p-s3cret");
  });

  it("are named by all charts whose pods pull images, and by the demo", async () => {
    const { all } = await stack({
      clusters: [kind("a")],
      imagePullSecrets: [{ name: "there" }, { name: "company", registry }],
    });
    const values = (release: string) =>
      all("Release").find(({ inputs }) => inputs["name"] === release)?.inputs["values"];
    expect(values("istiod")).toMatchObject({ global: { imagePullSecrets: ["there", "company"] } });
    expect(values("istio-cni")).toMatchObject({ global: { imagePullSecrets: ["there", "company"] } });
    expect(values("ztunnel")).toMatchObject({ imagePullSecrets: ["there", "company"] });
    const demo = all("kubernetes:apps/v1:Deployment");
    expect(demo).toHaveLength(4);
    for (const { inputs } of demo) {
      expect(inputs).toMatchObject({
        spec: { template: { spec: { imagePullSecrets: [{ name: "there" }, { name: "company" }] } } },
      });
    }
  });
});

describe("images by digest", () => {
  it("stand for hub, tag and variant of the chart, and are loaded into no node by their tags", async () => {
    const imageDigests = { pilot: digest, proxyv2: digest };
    const settings = { clusters: [kind("a")], images: "registry.example.com/istio", imageDigests };
    const { all } = await stack(settings);
    const values = (release: string) =>
      all("Release").find(({ inputs }) => inputs["name"] === release)?.inputs["values"];
    const image = (name: string) => `registry.example.com/istio/${name}:1.28.5-solo-distroless@${digest}`;
    expect(values("istiod")).toMatchObject({
      image: image("pilot"),
      global: { proxy: { image: image("proxyv2") }, proxy_init: { image: image("proxyv2") } },
    });
    expect(values("istio-cni")).not.toHaveProperty("image");
    expect(values("ztunnel")).not.toHaveProperty("image");
    expect(meshImages(parse(settings)).map((name) => name.replace(/.*\/(.*):.*/, "$1"))).toEqual([
      "install-cni",
      "install-cni",
      "ztunnel",
      "ztunnel",
    ]);
  });

  it.each([
    ["default", ""],
    ["fips", "-fips"],
  ])("are those of variant %s", async (variant, ending) => {
    const { all } = await stack({ clusters: [kind("a")], variant, imageDigests: { ztunnel: digest } });
    const ztunnel = all("Release").find(({ inputs }) => inputs["name"] === "ztunnel");
    expect(ztunnel?.inputs["values"]).toMatchObject({
      image: `us-docker.pkg.dev/gloo-mesh/istio-0123456789ab/ztunnel:1.28.5-solo${ending}@${digest}`,
    });
  });
});

describe("the login to the registry of charts", () => {
  const login = { username: "robot", password: "t0p-s3cret" };

  it("is an input of every release, the password as a secret, and recorded nowhere else", async () => {
    const { all, resources } = await stack({ istioVersion: "1.29.0", repoKey: undefined, linkMethod: "chart" }, {
      ...login,
      caFile: "ca.pem",
    } as typeof login);
    const releases = all("Release");
    expect(releases).toHaveLength(10);
    for (const { inputs, secrets } of releases) {
      expect(inputs["repositoryOpts"]).toEqual({ ...login, caFile: "ca.pem" });
      expect(secrets).toContain("repositoryOpts");
    }
    expect(JSON.stringify(resources.filter(({ type }) => !type.endsWith(":Release")))).not.toContain("t0p-s3cret");
  });

  it("is no input where the settings have none", async () => {
    const { all } = await stack();
    expect(all("Release").filter(({ inputs }) => "repositoryOpts" in inputs)).toEqual([]);
    expect(all("kubernetes:core/v1:Secret").filter(({ name }) => name.includes("pull-secret"))).toEqual([]);
  });
});
