import { describe, expect, it } from "vitest";
import { pinnedVersions } from "../../../policy/rules/pinned-versions";
import { registries } from "../../../policy/rules/registries";
import { sameVersions } from "../../../policy/rules/same-versions";
import { versionSkew } from "../../../policy/rules/version-skew";
import { against, deployment, release, resource, unknown } from "./resources";

const digest = `sha256:${"0".repeat(64)}`;
const upstream = (chart: string, inputs = {}, values = {}, cluster = "one") =>
  release(
    chart,
    values,
    {
      chart,
      version: "1.28.1",
      repositoryOpts: { repo: "https://istio-release.storage.googleapis.com/charts" },
      ...inputs,
    },
    { cluster },
  );

const command = (inputs: Parameters<typeof resource>[2]) => resource("command:local:Command", "c", inputs);
const kindNodes = (image: string) =>
  command({
    create: "kind create cluster --config -",
    stdin: `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n  - role: control-plane\n    image: ${image}\n`,
  });
const container = (image: string) => resource("docker:index/container:Container", "c", { image });

describe("pinned-versions", () => {
  it.each([
    ["an exact chart", upstream("istiod")],
    ["a chart of a folder", upstream("istiod", { chart: "./charts/istiod", version: null, repositoryOpts: {} })],
    ["a packaged chart", release("base", {}, { chart: "/charts/base-1.29.0-solo.tgz", version: "1.29.0-solo" })],
    ["a chart that is not known yet", upstream("istiod", { version: unknown })],
    [
      "a chart by digest",
      release("istiod", {}, { chart: `oci://ghcr.io/istio/release/charts/istiod@${digest}`, version: null }),
    ],
    ["a tag", deployment("d", { image: "nginx:1.27" })],
    ["a digest", deployment("d", { image: `nginx@${digest}` })],
    ["a moving tag with a digest", deployment("d", { image: `nginx:latest@${digest}` })],
    ["a registry with a port", deployment("d", { image: "localhost:5000/nginx:1.27" })],
    ["what istiod fills in", deployment("d", { image: "auto" })],
    ["an image that is not known yet", deployment("d", { image: unknown })],
    ["tags in values", upstream("istiod", {}, { global: { tag: "1.28.1", hub: "docker.io/istio" } })],
    ["kind's nodes", kindNodes(`kindest/node:v1.34.0@${digest}`)],
    ["a container by its image's id", container(digest)],
    ["a container of a pinned image", container("registry.example.com:5000/app:1.2")],
    [
      "a script with an image in a variable",
      command({ create: 'docker run --rm "$IMAGE"', environment: { IMAGE: `example/image:v1@${digest}` } }),
    ],
    [
      "a script that says latest of something else",
      command({ create: "curl https://example.com/releases/latest/install.sh; echo the:latest/news" }),
    ],
  ])("holds for %s", (_what, one) => {
    expect(against(pinnedVersions, [one])).toEqual([]);
  });

  it.each([
    ["a chart without version", upstream("istiod", { version: null }), "Chart istiod has no version"],
    ["a development version", upstream("istiod", { devel: true }), "Leave out devel"],
    ["a range", upstream("istiod", { version: "~1.28.0" }), "Version ~1.28.0 of chart istiod is a range"],
    ["a range by leaving out", upstream("istiod", { version: "1.28" }), "Version 1.28 of chart istiod is a range"],
    [
      "an image without tag",
      deployment("d", { image: "localhost:5000/nginx" }),
      "Image localhost:5000/nginx at spec.template.spec.containers[0].image has no tag",
    ],
    ["latest", deployment("d", { image: "docker.io/nginx:latest" }), "Image docker.io/nginx:latest"],
    ["latest of a variant", upstream("ztunnel", {}, { tag: "1.28-latest" }), "Tag 1.28-latest in values"],
    [
      "latest, nested",
      upstream("istiod", {}, { global: { proxy: { image: "istio/proxyv2:latest" } } }),
      "values.global.proxy.image",
    ],
    [
      "latest, in YAML",
      upstream("istiod", { valueYamlFiles: [{ text: "global:\n  tag: latest\n" }] }),
      "Tag latest in values.global",
    ],
    [
      "latest, of others' charts",
      release("x", { image: { repository: "x", tag: "latest" } }, { chart: "oci://ghcr.io/x/x", version: "1.0.0" }),
      "values.image",
    ],
    ["a tag of all patches", upstream("istiod", {}, { global: { tag: "1.28" } }), "Tag 1.28 in values.global"],
    [
      "such a tag of an image",
      deployment("d", { image: "docker.io/istio/proxyv2:1.28-distroless" }),
      ":1.28-distroless",
    ],
    ["kind's nodes without a tag", kindNodes("kindest/node"), "kindest/node at nodes[0].image has no tag"],
    ["kind's nodes of latest", kindNodes("kindest/node:latest"), "kindest/node:latest at nodes[0].image"],
    [
      "an option of kind",
      command({ create: "set -e; kind create cluster --name a --image kindest/node:latest" }),
      "kindest/node:latest at create",
    ],
    [
      "cloud-provider-kind",
      command({ create: "docker run -d registry.k8s.io/cloud-provider-kind/cloud-controller-manager:latest" }),
      "cloud-controller-manager:latest at create",
    ],
    [
      "cloud-provider-kind without a tag",
      command({ create: "docker run -d registry.k8s.io/cloud-provider-kind/cloud-controller-manager\n" }),
      "cloud-controller-manager at create has no tag",
    ],
    ["a variable of a script", command({ create: "x", environment: { IMAGE: "example/image" } }), "environment.IMAGE"],
    ["a container of docker", container("nginx"), "docker.io/library/nginx at image"],
    [
      "an image of docker",
      resource("docker:index/remoteImage:RemoteImage", "i", { name: "nginx:latest" }),
      "docker.io/library/nginx:latest at name",
    ],
    [
      "an operator's own version",
      resource("kubernetes:sailoperator.io/v1:ZTunnel", "z", {
        apiVersion: "sailoperator.io/v1",
        kind: "ZTunnel",
        metadata: { name: "default" },
        spec: { namespace: "ztunnel" },
      }),
      "ZTunnel default has no version",
    ],
    [
      "an operator's",
      resource("kubernetes:sailoperator.io/v1:Istio", "i", {
        apiVersion: "sailoperator.io/v1",
        kind: "Istio",
        spec: { version: "v1.28-latest" },
      }),
      "Version v1.28-latest of Istio",
    ],
  ])("sees %s", (_what, one, message) => {
    expect(against(pinnedVersions, [one])).toEqual([expect.stringContaining(message)]);
  });
});

describe("registries", () => {
  it.each([
    [
      "Solo's",
      release("istiod", { global: { hub: "us-docker.pkg.dev/gloo-mesh/istio-0123456789ab", tag: "1.28.5-solo" } }),
    ],
    ["upstream's", upstream("istiod", {}, { hub: "docker.io/istio" })],
    ["a folder", release("istiod", {}, { chart: "/charts/istiod-1.29.0-solo.tgz" })],
    ["well-known ones", deployment("d", { image: "curlimages/curl:8.16.0" })],
    ["upstream's proxy", deployment("d", { image: "docker.io/istio/proxyv2:1.28.1" })],
    [
      "somebody's own chart around Istio's",
      release("mesh", { istiod: { pilot: {} } }, { chart: "oci://ghcr.io/somebody/charts/mesh" }),
    ],
    ["charts of others", release("x", {}, { chart: "x", repositoryOpts: { repo: "https://charts.example.com" } })],
    ["what is not known yet", release("istiod", { hub: unknown }, { chart: unknown })],
  ])("holds for %s", (_what, one) => {
    expect(against(registries, [one])).toEqual([]);
  });

  it.each([
    [
      "charts from elsewhere",
      release("istiod", {}, { chart: "oci://mirror.example.com/istio/istiod" }),
      "comes from oci://mirror.example.com/istio/istiod",
    ],
    [
      "repositories elsewhere",
      upstream("istiod", { repositoryOpts: { repo: "https://mirror.example.com/charts" } }),
      "https://mirror.example.com/charts",
    ],
    [
      "a chart around Istio's from elsewhere",
      release(
        "mesh",
        { "istio-discovery": { global: {} } },
        { chart: "mesh", repositoryOpts: { repo: "https://mirror.example.com/charts" } },
      ),
      "https://mirror.example.com/charts",
    ],
    [
      "a hub elsewhere",
      release("istiod", { global: { hub: "mirror.example.com/istio" } }),
      "Hub mirror.example.com/istio at values.global",
    ],
    ["one that only begins alike", release("istiod", { hub: "docker.io/istiomirror" }), "Hub docker.io/istiomirror"],
    [
      "the mesh's image of somebody else",
      deployment("d", { image: "docker.io/somebody/proxyv2:1.28.1" }),
      "parameter mesh",
    ],
    ["images from elsewhere", deployment("d", { image: "mirror.example.com/app:1" }), "parameter workloads"],
  ])("sees %s", (_what, one, message) => {
    expect(against(registries, [one])).toEqual([expect.stringContaining(message)]);
    expect(
      against(registries, [one], {
        mesh: ["mirror.example.com", "docker.io/istiomirror", "docker.io/somebody", "us-docker.pkg.dev/soloio-img"],
        workloads: ["mirror.example.com"],
      }),
    ).toEqual([]);
  });
});

describe("same-versions", () => {
  it("holds for clusters alike, for one with two revisions in each, and where nothing is known", () => {
    const cluster = (name: string) => [
      upstream("istiod", {}, {}, name),
      upstream("ztunnel", { version: unknown }, {}, name),
    ];
    expect(against(sameVersions, [...cluster("one"), ...cluster("two")])).toEqual([]);
    const revisions = (name: string) => [
      ...cluster(name),
      upstream("istiod", { version: "1.27.0" }, { revision: "old" }, name),
    ];
    expect(against(sameVersions, [...revisions("one"), ...revisions("two")])).toEqual([]);
  });

  it.each(["base", "istiod", "cni", "ztunnel"])("sees %s of two versions", (chart) => {
    const found = against(sameVersions, [upstream(chart), upstream(chart, { version: "1.28.2" }, {}, "two")]);
    expect(found).toEqual([
      expect.stringMatching(new RegExp(`^${chart} is 1.28.2 in cluster two, and 1.28.1 in cluster one`)),
    ]);
  });

  it("takes the image for the version where both are said, and charts of others by their release", () => {
    const tagged = upstream("istiod", {}, { global: { tag: "1.28.2" } }, "two");
    expect(against(sameVersions, [upstream("istiod"), tagged])).toHaveLength(1);
    const other = (version: string, cluster: string) => release("x", {}, { chart: "x", version }, { cluster });
    expect(against(sameVersions, [other("1.0.0", "one"), other("1.1.0", "two")])).toHaveLength(1);
    expect(against(sameVersions, [other("1.0.0", "one"), other("1.0.0", "two")])).toEqual([]);
  });
});

/** An object of a chart that was rendered first. */
const rendered = (type: string, chart: string, spec: Parameters<typeof resource>[2]) =>
  resource(`kubernetes:${type}`, chart, {
    metadata: { labels: { "helm.sh/chart": chart, "app.kubernetes.io/part-of": "istio" } },
    spec,
  });

describe("version-skew", () => {
  const proxy = (version: string) => deployment("gateway", { image: `docker.io/istio/proxyv2:${version}` });

  it.each([
    ["one version", [upstream("base"), upstream("istiod"), upstream("cni"), upstream("ztunnel")]],
    [
      "chart and tag of one version",
      [upstream("istiod", {}, { tag: "1.28.1" }), upstream("ztunnel", {}, { tag: "1.28.1-fips-distroless" })],
    ],
    [
      "Solo's image of upstream's chart",
      [upstream("istiod", {}, { tag: "1.28.1-solo" }), upstream("ztunnel", {}, { tag: "1.28.1-solo" })],
    ],
    ["a gateway one minor version behind", [upstream("istiod"), proxy("1.27.9")]],
    [
      "an old istiod beside a new one",
      [
        upstream("istiod"),
        upstream("istiod", { version: "1.27.0" }),
        upstream("ztunnel", { version: "1.27.0" }),
        proxy("1.28.1"),
      ],
    ],
    ["another cluster's", [upstream("istiod"), upstream("ztunnel", { version: "1.20.0" }, {}, "two")]],
    ["what is not known yet", [upstream("istiod", { version: unknown }), upstream("ztunnel")]],
  ])("holds for %s", (_what, resources) => {
    expect(against(versionSkew, resources)).toEqual([]);
  });

  it.each([
    [
      "ztunnel of another patch",
      [upstream("istiod"), upstream("ztunnel", { version: "1.28.2" })],
      "ztunnel is 1.28.2, and istiod 1.28.1",
    ],
    [
      "ztunnel of another distribution",
      [upstream("istiod", {}, { tag: "1.28.1-solo" }), upstream("ztunnel")],
      "ztunnel is 1.28.1, and istiod 1.28.1-solo",
    ],
    [
      "an image of another version than its chart",
      [upstream("istiod", {}, { global: { tag: "1.27.0" } })],
      "istiod has version 1.28.1, but values tag 1.27.0",
    ],
    ["a gateway ahead", [upstream("istiod"), proxy("1.29.0")], "A gateway's proxy is 1.29.0"],
    ["a gateway two behind", [upstream("istiod"), proxy("1.26.0")], "A gateway's proxy is 1.26.0"],
    [
      "an old CNI",
      [upstream("istiod"), upstream("cni", { version: "1.26.0" })],
      "cni is 1.26.0, more than one minor version",
    ],
    [
      "a rendered object of another version than its chart",
      [
        rendered("apps/v1:Deployment", "istiod-1.27.0", {
          template: { spec: { containers: [{ image: "docker.io/istio/pilot:1.28.1" }] } },
        }),
      ],
      "istiod has label helm.sh/chart 1.27.0, but spec.template.spec.containers[0].image 1.28.1",
    ],
    [
      "a rendered old base",
      [upstream("istiod"), rendered("core/v1:ServiceAccount", "base-1.26.0", {})],
      "base is 1.26.0",
    ],
    ["an old base", [upstream("istiod"), upstream("base", { version: "1.26.0" })], "base is 1.26.0"],
  ])("sees %s", (_what, resources, message) => {
    expect(against(versionSkew, resources)).toEqual([expect.stringContaining(message)]);
  });
});
