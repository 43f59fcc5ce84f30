import { describe, expect, it } from "vitest";
import { explicitProviders } from "../../../policy/rules/explicit-providers";
import { meshNamespaces } from "../../../policy/rules/mesh-namespaces";
import { noDemoInProduction } from "../../../policy/rules/no-demo-in-production";
import { resourceRequests } from "../../../policy/rules/resource-requests";
import type { Properties } from "../../../policy/state";
import { against, deployment, namespace, peerGateway, release, resource, unknown } from "./resources";

describe("explicit-providers", () => {
  const by = (name: string, type = "kubernetes:core/v1:ConfigMap") =>
    resource(type, "map", {}, { provider: { urn: `urn:${name}`, name, inputs: {} } });

  it("holds for a provider of its own, whatever it is called, for components and for other providers", () => {
    const { provider, ...component } = by("x", "kubernetes:yaml:ConfigGroup");
    expect(provider).toBeDefined();
    expect(
      against(explicitProviders, [
        by("one"),
        by("default-cluster"),
        component,
        by("default_5_5_1", "tls:index/privateKey:PrivateKey"),
      ]),
    ).toEqual([]);
  });

  it("sees a provider that names no cluster, but for one that is not known yet", () => {
    const provider = (inputs: Properties) => resource("pulumi:providers:kubernetes", "p", inputs);
    const named: Properties[] = [
      { kubeconfig: unknown },
      { kubeconfig: "apiVersion: v1" },
      { context: "one" },
      { cluster: "one" },
      { renderYamlToDirectory: "out" },
    ];
    expect(against(explicitProviders, named.map(provider))).toEqual([]);
    const unnamed: Properties[] = [{}, { kubeconfig: "", namespace: "x" }];
    expect(against(explicitProviders, unnamed.map(provider))).toEqual(
      unnamed.map(() => expect.stringContaining("Provider p names neither kubeconfig nor context") as unknown),
    );
    expect(against(explicitProviders, [{ ...provider({}), name: "default_4_32_0" }])).toEqual([]);
  });

  it.each(["default_4_32_0", "default"])("sees %s", (name) => {
    expect(against(explicitProviders, [by(name)])).toEqual([
      expect.stringContaining("ConfigMap map uses the default provider"),
    ]);
  });
});

describe("mesh-namespaces", () => {
  it("holds for the mesh's without labels, and for others with them", () => {
    const resources = [
      namespace("istio-system", { "topology.istio.io/network": "flat" }),
      namespace("kube-system", { "istio.io/dataplane-mode": "none", "istio-injection": "disabled" }),
      namespace("demo", { "istio.io/dataplane-mode": "ambient" }),
      namespace("istio-ingress", { "istio-injection": "enabled" }),
      release("gateway", {}, { namespace: "istio-ingress" }),
    ];
    expect(against(meshNamespaces, resources)).toEqual([]);
  });

  it.each([
    ["istio-system", { "istio.io/dataplane-mode": "ambient" }],
    ["istio-eastwest", { "istio-injection": "enabled" }],
    ["kube-system", { "istio.io/rev": "default" }],
  ])("sees %s enrolled", (name, labels) => {
    expect(against(meshNamespaces, [namespace(name, labels)])).toEqual([
      expect.stringContaining(`Namespace ${name} is enrolled in the mesh by its label`),
    ]);
  });

  it("knows where else the mesh runs, and takes further ones", () => {
    const enrolled = (name: string) => namespace(name, { "istio.io/dataplane-mode": "ambient" });
    expect(against(meshNamespaces, [release("ztunnel", {}, { namespace: "mesh" }), enrolled("mesh")])).toHaveLength(1);
    expect(
      against(meshNamespaces, [release("ztunnel", {}, { namespace: "mesh" }, { cluster: "two" }), enrolled("mesh")]),
    ).toEqual([]);
    expect(against(meshNamespaces, [peerGateway("two"), enrolled("istio-eastwest")])).toHaveLength(1);
    expect(against(meshNamespaces, [enrolled("vault")], { namespaces: ["vault"] })).toHaveLength(1);
  });
});

describe("no-demo-in-production", () => {
  const requests = { resources: { requests: { cpu: "1", memory: "1Gi" } } };

  it.each([
    ["a component", (stack: string) => resource("flatmesh:demo:Demo", "demo", {}, { stack })],
    ["a namespace", (stack: string) => namespace("demo", {}, { stack })],
    ["what is in one", (stack: string) => deployment("d", { image: "nginx:1" }, { stack, namespace: "bookinfo" })],
    [
      "a sample's image",
      (stack: string) =>
        deployment("d", { image: "docker.io/istio/examples-helloworld-v1:1.0", ...requests }, { stack }),
    ],
  ])("lets %s be in other stacks, and in none of production", (_what, of) => {
    for (const stack of ["dev", "product-catalogue", "reproduction"]) {
      expect(against(noDemoInProduction, [of(stack)])).toEqual([]);
    }
    for (const stack of ["prod", "prod1", "eu-prod02", "production-east", "eu-prod", "acme.Production"]) {
      expect(against(noDemoInProduction, [of(stack)])).toEqual([
        expect.stringContaining(`${stack} is a production stack`),
      ]);
    }
  });

  it("lets what is no demo be in production, and takes other names", () => {
    const app = (stack: string) =>
      deployment("d", { image: "registry.k8s.io/pause:3.10" }, { stack, namespace: "shop" });
    expect(against(noDemoInProduction, [app("production")])).toEqual([]);
    expect(against(noDemoInProduction, [app("main")], { production: ["^main$"], namespaces: ["shop"] })).toHaveLength(
      1,
    );
  });
});

describe("resource-requests", () => {
  const requests = { cpu: "100m", memory: "64Mi" };

  it.each([
    ["requests", deployment("d", { resources: { requests } })],
    ["limits", deployment("d", { resources: { limits: requests } })],
    ["what is not known yet", deployment("d", { resources: unknown })],
    ["a gateway that istiod fills in", deployment("d", { image: "auto" })],
    ["a patch", { ...deployment("d", { image: "nginx:1" }), type: "kubernetes:apps/v1:DeploymentPatch" }],
    ["the charts' own", release("istiod", { pilot: { resources: {} }, resources: { requests: { cpu: "1" } } })],
    [
      "an init container",
      resource("kubernetes:v1:Pod", "p", { kind: "Pod", spec: { initContainers: [{ name: "init" }] } }),
    ],
  ])("holds for %s", (_what, one) => {
    expect(against(resourceRequests, [one])).toEqual([]);
  });

  it.each([
    ["none", deployment("d", {}), ["does not request cpu", "does not request memory"]],
    [
      "only one",
      deployment("d", { resources: { requests: { cpu: "1" } } }),
      ["Container main of apps/d does not request memory"],
    ],
    [
      "nothing",
      deployment("d", { resources: { requests: { cpu: "0m", memory: 0 } } }),
      ["does not request cpu", "does not request memory"],
    ],
    [
      "a patch that takes away",
      {
        ...deployment("d", { resources: { requests: { cpu: "0" } } }),
        type: "kubernetes:apps/v1:DeploymentPatch",
      },
      ["does not request cpu"],
    ],
    [
      "a sidecar",
      resource("kubernetes:core/v1:Pod", "p", {
        spec: { initContainers: [{ name: "s", restartPolicy: "Always", resources: { requests: { cpu: "1" } } }] },
      }),
      ["spec.initContainers[0].resources.requests.memory"],
    ],
    [
      "a cron job",
      resource("kubernetes:batch/v1:CronJob", "c", {
        spec: {
          jobTemplate: { spec: { template: { spec: { containers: [{ resources: { requests: { cpu: "1" } } }] } } } },
        },
      }),
      ["spec.jobTemplate.spec.template.spec.containers[0]"],
    ],
    [
      "a chart whose own are taken away",
      release("istiod", { pilot: { resources: null } }),
      ["values.pilot.resources removes"],
    ],
    [
      "a chart whose processor is",
      release("ztunnel", { resources: { requests: { cpu: null } } }),
      ["values.resources.requests.cpu requests nothing"],
    ],
  ])("sees %s", (_what, one, messages) => {
    expect(against(resourceRequests, [one])).toEqual(
      messages.map((message) => expect.stringContaining(message) as unknown),
    );
  });
});
