import { describe, expect, it } from "vitest";
import { prechecks } from "../../../checks";
import { controlPlanes } from "../../../checks/precheck/control-planes";
import { definitions } from "../../../checks/precheck/definitions";
import { freeSubnets } from "../../../checks/precheck/free-subnets";
import { kubernetesVersion } from "../../../checks/precheck/kubernetes-version";
import { rights } from "../../../checks/precheck/rights";
import { Forbidden } from "../../../kubernetes";
import { readFacts, topics } from "../../../readiness";
import { fakeCluster, realNode, type Recorded } from "./fake-cluster";
import { found } from "./found";
import { workload } from "./mesh-objects";

const east = (recorded: Recorded, overrides: Parameters<typeof fakeCluster>[2] = {}) =>
  fakeCluster("east", recorded, overrides);

const definition = (name: string, group: string, versions: readonly object[], annotations: object = {}) => ({
  metadata: { name, annotations },
  spec: { group, versions },
});
const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const v1 = [{ name: "v1", served: true }];

describe("rights", () => {
  const allowing = (judge: (resource: string) => boolean) => ({
    review: (_: string, question: object) => {
      const { spec } = question as { readonly spec: { readonly resourceAttributes: { readonly resource: string } } };
      return Promise.resolve({ status: { allowed: judge(spec.resourceAttributes.resource) } });
    },
  });

  it("are there for an administrator", async () => {
    expect(
      await found(rights, [
        east(
          {},
          allowing(() => true),
        ),
      ]),
    ).toEqual([expect.stringMatching(/^passed east: has all \d+ permissions/)]);
  });

  it("are named where they are missing", async () => {
    expect(
      await found(rights, [
        east(
          {},
          allowing((resource) => !["*", "customresourcedefinitions"].includes(resource)),
        ),
      ]),
    ).toEqual([
      "failed east: may not get/list/watch *.*, create/update/patch/delete customresourcedefinitions.apiextensions.k8s.io",
    ]);
  });
});

describe("what readiness judges", () => {
  const of = (id: string) => {
    const check = prechecks.find((one) => one.id === id);
    if (check === undefined) {
      throw new Error(`no check ${id}`);
    }
    return check;
  };
  const world = (objects: Readonly<Record<string, object>>) => {
    const get = (path: string) =>
      path === "/version" ? Promise.reject(new Forbidden("no")) : Promise.resolve(objects[path]);
    const reader = {
      get,
      metadata: get,
      firstPage: () => Promise.resolve(undefined),
      dryRun: () => Promise.resolve({ status: 403, message: 'User "u" cannot create resource "pods"' }),
    };
    return east({}, { facts: (plan) => readFacts(reader, plan) });
  };
  const cilium = { "/api/v1/namespaces/kube-system/configmaps/cilium-config": { data: { "cni-exclusive": "true" } } };

  it("has a check for each topic", () => {
    expect(prechecks.map(({ id }) => id)).toEqual(expect.arrayContaining([...topics]));
  });

  it("fails, passes, or is not known", async () => {
    expect(await found(of("cilium"), [world(cilium)])).toEqual([
      expect.stringMatching(/^failed east: .*cni-exclusive: "true"/),
    ]);
    expect(await found(of("cilium"), [world({})])).toEqual([expect.stringMatching(/^passed east/)]);
    expect(await found(of("platform"), [world({})])).toEqual([
      expect.stringMatching(/^unknown east: the API server's version/),
    ]);
    expect(await found(of("admission"), [world({})])).toEqual([
      expect.stringMatching(/^unknown east: .*cannot create resource/),
    ]);
  });

  it("is not asked where the stack's mesh is installed", async () => {
    expect(await found(of("cilium"), [world(cilium)], { installed: ["east"] })).toEqual([
      expect.stringMatching(/^notApplicable/),
    ]);
  });
});

describe("kubernetes-version", () => {
  it.each([
    ["v1.34.4", "1.28.5", /^passed east/],
    ["v1.30.0-eks-1234", "1.28.5", /^passed east/],
    ["v1.29.9", "1.28.5", /^failed east: Kubernetes 1.29; Istio 1.28 supports 1.30 to 1.34/],
    ["v1.35.0", "1.28.5", /^warning east/],
    ["v1.32.1+k3s1", "1.31.0", /^failed east/],
    ["unknown", "1.28.5", /^unknown east/],
  ])("%s for Istio %s", async (gitVersion, version, verdict) => {
    expect(await found(kubernetesVersion, [east({ "/version": { gitVersion } })], { version })).toEqual([
      expect.stringMatching(verdict),
    ]);
  });

  it("has nothing to say where nobody has said which Istio is wanted", async () => {
    expect(await found(kubernetesVersion, [east({ "/version": { gitVersion: "v1.34.4" } })])).toEqual([
      expect.stringMatching(/^notApplicable east: Kubernetes 1.34/),
    ]);
  });
});

describe("definitions", () => {
  const istio = definition("gateways.networking.istio.io", "networking.istio.io", v1, {
    "meta.helm.sh/release-name": "theirs",
    "meta.helm.sh/release-namespace": "mesh",
  });

  it("don't stand in the way where there are none, or the Gateway API serves v1", async () => {
    const gateways = definition("gateways.gateway.networking.k8s.io", "gateway.networking.k8s.io", v1);
    expect(await found(definitions, [east({ [crds]: [] })])).toEqual([expect.stringMatching(/^passed/)]);
    expect(await found(definitions, [east({ [crds]: [gateways] })])).toEqual([expect.stringMatching(/^passed/)]);
  });

  it("are found where another Istio has brought them, unless it is the stack's own", async () => {
    expect(await found(definitions, [east({ [crds]: [istio] })])).toEqual([
      "failed east: 1 of Istio's definitions are already installed, by Helm release mesh/theirs, such as gateways.networking.istio.io",
    ]);
    expect(await found(definitions, [east({ [crds]: [istio] })], { installed: ["east"] })).toEqual([
      expect.stringMatching(/^passed/),
    ]);
  });

  it("are found where an old Gateway API does not serve v1", async () => {
    const old = definition("gateways.gateway.networking.k8s.io", "gateway.networking.k8s.io", [
      { name: "v1beta1", served: true },
      { name: "v1", served: false },
    ]);
    expect(await found(definitions, [east({ [crds]: [old] })])).toEqual([
      expect.stringMatching(/^failed east: .* does not serve version v1/),
    ]);
  });

  it("are found where Istio would ignore a kind, or wait for one for ever", async () => {
    const group = "gateway.networking.k8s.io";
    const of = (bundle?: string) => (bundle === undefined ? {} : { [`${group}/bundle-version`]: bundle });
    const routes = (plural: string, bundle?: string) => ({
      [crds]: [definition(`${plural}.${group}`, group, v1, of(bundle))],
    });
    const on = (version: string) => ({ version });
    expect(await found(definitions, [east(routes("tcproutes", "v1.5.1"))], on("1.31.0"))).toEqual([
      `warning east: Istio 1.31.0 will ignore objects of kind TCPRoute: definition tcproutes.${group} is of v1.5.1, and Istio needs ` +
        "v1.6.0 or later",
    ]);
    expect(await found(definitions, [east(routes("grpcroutes"))], on("1.28.5-solo"))).toEqual([
      expect.stringContaining("is of no stated release, and Istio needs v1.1.0 or later"),
    ]);
    expect(await found(definitions, [east(routes("gateways", "v1.5.1"))], on("1.28.5-solo"))).toEqual([
      "warning east: the Gateway API v1.5.1 came after Istio 1.28.5-solo, whose istiod may never become ready with it (istio/istio#59443)",
    ]);
    for (const version of ["1.28.6-solo", "1.30.0"]) {
      expect(await found(definitions, [east(routes("gateways", "v1.5.1"))], on(version))).toEqual([
        expect.stringMatching(/^passed/),
      ]);
    }
    const old = definition(`httproutes.${group}`, group, [{ name: "v1beta1", served: true }]);
    expect(await found(definitions, [east({ [crds]: [old] })], on("1.28.5-solo"))).toEqual([
      expect.stringMatching(/^passed/),
    ]);
    expect(await found(definitions, [east({ [crds]: [old] })], on("1.29.0-solo"))).toEqual([
      expect.stringMatching(/^failed east: definition httproutes.* does not serve version v1/),
    ]);
  });
});

describe("control-planes", () => {
  const webhooks = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

  it("are none in a cluster that a mesh can be put into", async () => {
    expect(await found(controlPlanes, [east({ [webhooks]: [] })])).toEqual([
      "passed east: no istiod, and none of its webhooks",
    ]);
  });

  it("are found in whatever namespace, and so is a webhook that one has left", async () => {
    const theirs = workload("mesh", "istiod-1-20", { app: "istiod" });
    expect(await found(controlPlanes, [east({ "/apis/apps/v1/deployments": [theirs] })])).toEqual([
      "failed east: an Istio control plane is already installed: Deployment mesh/istiod-1-20",
    ]);
    const left = { metadata: { name: "istio-sidecar-injector" } };
    expect(await found(controlPlanes, [east({ [webhooks]: [left] })])).toEqual([
      "failed east: webhook istio-sidecar-injector of Istio exists without an istiod behind it",
    ]);
  });

  it("are no fault where the stack has its own there", async () => {
    const own = workload("istio-system", "istiod", { app: "istiod" });
    expect(await found(controlPlanes, [east({ "/apis/apps/v1/deployments": [own] })], { installed: ["east"] })).toEqual(
      ["notApplicable east: the stack's mesh is already installed here"],
    );
  });
});

describe("subnets", () => {
  const node = (subnet: string) => ({ "/api/v1/nodes": [{ ...realNode, spec: { podCIDRs: [subnet] } }] });

  it("are free between clusters that are there, and those that are planned", async () => {
    const clusters = [east(node("10.10.0.0/24"))];
    const planned = { subnets: { east: { pods: "10.10.0.0/16" }, west: { pods: "10.20.0.0/16" } } };
    expect(await found(freeSubnets, clusters, planned)).toEqual(["passed east: 10.10.0.0/24; 0 addresses of pods"]);
  });

  it("are found to overlap with one that is planned, and to be others than the settings say", async () => {
    const planned = { subnets: { east: { pods: "10.30.0.0/16" }, west: { pods: "10.10.0.0/16" } } };
    expect(await found(freeSubnets, [east(node("10.10.0.0/24"))], planned)).toEqual([
      "failed east: its nodes have 10.10.0.0/24 for pods, but the settings say 10.30.0.0/16",
      "failed clusters east and west both use 10.10.0.0/24 and 10.10.0.0/16 for pods",
    ]);
  });
});
