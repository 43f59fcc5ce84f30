import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../settings";
import { existing, kind, kwok, parse, stack } from "./config";

describe("what a stack leaves out", () => {
  it("is as the table of settings says", () => {
    expect(parse()).toEqual({
      clusters: [
        kind("a", { podSubnet: "10.10.0.0/16", serviceSubnet: "10.255.10.0/24", controlPlanes: 1, workers: 0 }),
        kind("b", { podSubnet: "10.20.0.0/16", serviceSubnet: "10.255.20.0/24", controlPlanes: 1, workers: 0 }),
      ],
      uniqueNames: false,
      addressPool: "10.0.0.0/8",
      subnetRequests: [{ plan: true }, { plan: true }],
      network: "flat-network",
      trustDomain: "cluster.local",
      distribution: "solo",
      istioVersion: "1.28.5",
      variant: "distroless",
      license: { value: "a-licence" },
      charts: "oci://us-docker.pkg.dev/gloo-mesh/istio-helm-0123456789ab",
      images: "us-docker.pkg.dev/gloo-mesh/istio-0123456789ab",
      chartRegistry: undefined,
      imageDigests: undefined,
      imagePullSecrets: [],
      gatewayApi: {},
      links: "mesh",
      linkMethod: "gateways",
      remoteAccess: { renewAfterDays: 90 },
      peerStacks: [],
      requirePeers: false,
      root: {
        source: "generate",
        trusted: ["first"],
        signing: "first",
        alsoTrusted: [],
        algorithm: "ECDSA",
        rootValidityDays: 3650,
        rootRenewBeforeDays: 365,
        intermediateValidityDays: 730,
        renewBeforeDays: 90,
        issueFor: [],
      },
      loadBalancer: {},
      detectDrift: true,
      keepsLoadBalancers: false,
      preloadImages: [],
      contexts: false,
      manifests: [],
      demo: false,
      chartSettings: {},
      secretPaths: [],
    });
  });

  it("is the same where Pulumi.yaml's declared defaults stand for it", () => {
    const none = { istioVersion: "", licenseSecretRef: {}, charts: "", images: "", loadBalancer: "", peerStacks: [] };
    const registries = { chartRegistry: {}, imageDigests: {}, imagePullSecrets: [] };
    expect(parse({ ...none, ...registries, gatewayApi: {}, root: { generate: {} } })).toEqual(parse());
  });

  it("follows the distribution", () => {
    const settings = parse({ distribution: "community", license: undefined, repoKey: undefined });
    expect(settings).toMatchObject({
      istioVersion: "1.31.0",
      charts: "oci://ghcr.io/istio/release/charts",
      images: "docker.io/istio",
    });
    expect(settings.license).toBeUndefined();
    // Its mesh needs no addresses: see docs/kind.md.
    expect(settings).toMatchObject({ loadBalancer: "none", keepsLoadBalancers: true });
  });

  it("follows the version", () => {
    expect(parse({ istioVersion: "1.29.0", repoKey: undefined })).toMatchObject({
      charts: "oci://us-docker.pkg.dev/soloio-img/istio-helm",
      images: "us-docker.pkg.dev/soloio-img/istio",
    });
  });

  it("is no subnet of an existing cluster, and no load balancer without kind clusters", () => {
    const { clusters, loadBalancer } = parse({ clusters: [existing("a"), kwok("b")] });
    expect(clusters[0]).toEqual(existing("a"));
    expect(clusters[1]).toMatchObject({ podSubnet: "10.20.0.0/16" });
    expect(loadBalancer).toBe("none");
  });
});

describe("what a stack gives", () => {
  it("reaches the settings", () => {
    const given = {
      uniqueNames: true,
      addressPool: "10.64.0.0/10",
      network: "net_1",
      trustDomain: "mesh.example.com",
      links: [{ from: "a", to: "b" }],
      linkMethod: "chart",
      istioVersion: "1.29.1",
      peerStacks: ["organization/flatmesh/other"],
      requirePeers: true,
      gatewayApi: { version: "v1.4.1", manifests: "./crds.yaml" },
      loadBalancer: "none",
    };
    expect(parse(given)).toMatchObject(given);
  });

  it.each([
    ["loadBalancer", "cloud-provider-kind", {}],
    ["loadBalancer", { image: "mirror.example.com/cpk:1" }, { image: "mirror.example.com/cpk:1" }],
    ["detectDrift", false, false],
    ["preloadImages", ["localhost:5000/echo:1"], ["localhost:5000/echo:1"]],
    ["contexts", true, true],
    ["demo", true, { sidecars: false }],
    ["demo", { sidecars: true }, { sidecars: true }],
    ["demo", {}, { sidecars: false }],
    ["demo", false, false],
    ["charts", "oci://mirror.example.com:5000/charts/", "oci://mirror.example.com:5000/charts"],
    ["charts", "/srv/charts/", "/srv/charts/"],
    ["charts", "charts/solo", "charts/solo"],
    ["images", "localhost:5000/istio/", "localhost:5000/istio"],
  ])("%s: %j is read as %j", (key, value, expected) => {
    expect(parse({ [key]: value })).toHaveProperty(key, expected);
  });

  it("may be a Secret in place of the licence", () => {
    const licenseSecretRef = { name: "licence", namespace: "vault" };
    expect(parse({ license: undefined, licenseSecretRef }).license).toEqual({ secretRef: licenseSecretRef });
  });

  it("may do without a repo key where charts and images come from a mirror", () => {
    const settings = parse({ repoKey: undefined, charts: "./charts", images: "mirror.example.com/istio" });
    expect(settings).toMatchObject({ charts: "./charts", images: "mirror.example.com/istio" });
  });

  it("may be everything a cluster has", () => {
    const kubeconfig = "clusters: [{name: c}]\ncontexts: [{name: x, context: {cluster: c}}]\n";
    const clusters = [
      kind("a", { controlPlanes: 3, workers: 2, nodeImage: "kindest/node:v1.34.0", platform: "openshift" }),
      kwok("b", { region: "eu-1", zone: "eu-1a", podSubnet: "10.99.0.0/20", serviceSubnet: "10.98.0.0/28" }),
      existing("c", { kubeconfig, context: "x", podSubnet: "192.168.0.0/16", serviceSubnet: "172.20.0.0/16" }),
    ];
    expect(parse({ clusters }).clusters).toMatchObject(clusters);
  });

  it("may link with clusters of a peer stack", () => {
    const links = [{ from: "a", to: "far" }, { between: ["far", "b"] }];
    expect(parse({ links, peerStacks: ["org/flatmesh/other"] }).links).toEqual(links);
  });

  it("makes a hundred clusters", () => {
    const clusters = Array.from({ length: 100 }, (_, index) => kind(`c-${String(index)}`));
    expect(parseSettings(stack({ clusters })).clusters).toHaveLength(100);
  });
});
