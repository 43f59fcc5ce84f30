import { describe, expect, it } from "vitest";
import type { Resource } from "../../../policy/rules";
import { keptFoundations } from "../../../policy/rules/kept-foundations";
import { meshNamespaces } from "../../../policy/rules/mesh-namespaces";
import { networkName } from "../../../policy/rules/network-name";
import { versionSkew } from "../../../policy/rules/version-skew";
import type { Properties } from "../../../policy/state";
import { object } from "./carriers";
import { against, namespace, release, resource, unknown } from "./resources";

const label = "topology.istio.io/network";

describe("network-name, of upstream's gateway chart", () => {
  const mesh = [
    namespace("istio-system", { [label]: "flat" }),
    release("istiod", { global: { network: "flat" } }),
    release("ztunnel", { network: "flat" }),
  ];
  const gateway = (values: Properties): Resource =>
    release("gateway", values, { name: "istio-eastwestgateway", namespace: "istio-system" });
  const rendered = (network: string): Resource[] => [
    resource("kubernetes:core/v1:Service", "eastwest", {
      metadata: { name: "istio-eastwestgateway", namespace: "istio-system", labels: { [label]: network } },
    }),
    resource("kubernetes:apps/v1:Deployment", "eastwest", {
      metadata: { name: "istio-eastwestgateway", namespace: "istio-system" },
      spec: {
        template: {
          spec: {
            containers: [{ image: "auto", env: [{ name: "ISTIO_META_REQUESTED_NETWORK_VIEW", value: network }] }],
          },
        },
      },
    }),
  ];

  it("holds for one that leads into its cluster's network, into none, or into one that is not known yet", () => {
    const holding: Properties[] = [{ networkGateway: "flat" }, {}, { networkGateway: "" }, { networkGateway: unknown }];
    for (const values of holding) {
      expect(against(networkName, [...mesh, gateway(values)])).toEqual([]);
    }
    expect(against(networkName, [...mesh, ...rendered("flat")])).toEqual([]);
  });

  it.each([
    [{ networkGateway: "other" }, "Values.networkGateway of gateway in cluster one is other"],
    [{ _internal_defaults_do_not_set: { networkGateway: "other" } }, "Values.networkGateway of gateway"],
    [{ labels: { [label]: "other" } }, 'Values.labels["topology.istio.io/network"] of gateway'],
    [{ env: { ISTIO_META_REQUESTED_NETWORK_VIEW: "other" } }, "Values.env.ISTIO_META_REQUESTED_NETWORK_VIEW"],
  ])("sees another network in %j", (values, message) => {
    expect(against(networkName, [...mesh, gateway(values)])).toEqual([expect.stringContaining(message)]);
  });

  it("sees it in what the chart renders", () => {
    expect(against(networkName, [...mesh, ...rendered("other")])).toEqual([
      expect.stringContaining("Label topology.istio.io/network of gateway in cluster one is other"),
      expect.stringContaining("Variable ISTIO_META_REQUESTED_NETWORK_VIEW of gateway in cluster one is other"),
    ]);
  });
});

describe("the Sail operator", () => {
  const operated = (kind: string, spec: Properties): Resource =>
    resource(`kubernetes:sailoperator.io/v1:${kind}`, kind, {
      apiVersion: "sailoperator.io/v1",
      kind,
      metadata: { name: "default" },
      spec,
    });
  const mesh = (changes: Properties = {}, version = "v1.28.5"): Resource[] => [
    operated("Istio", { version: "v1.28.5", namespace: "mesh", values: { global: { network: "flat" } } }),
    operated("IstioCNI", { version: "v1.28.5", namespace: "istio-cni", profile: "ambient" }),
    operated("ZTunnel", { version, namespace: "ztunnel", values: { ztunnel: { network: "flat" }, ...changes } }),
  ];

  it("has the network below the part's name, or for all, and the version of the resource", () => {
    expect(against(networkName, mesh())).toEqual([]);
    expect(against(networkName, mesh({ ztunnel: { network: "other" } }))).toHaveLength(1);
    expect(against(networkName, mesh({ ztunnel: {}, global: { network: "other" } }))).toHaveLength(1);
    expect(against(versionSkew, mesh())).toEqual([]);
    expect(against(versionSkew, mesh({}, "v1.28.4"))).toEqual([expect.stringContaining("ztunnel is 1.28.4")]);
  });

  it.each(["mesh", "istio-cni", "ztunnel"])("keeps its namespace %s out of the mesh", (name) => {
    const enrolled = namespace(name, { "istio.io/dataplane-mode": "ambient" });
    expect(against(meshNamespaces, [...mesh(), enrolled])).toEqual([expect.stringContaining(`Namespace ${name}`)]);
  });
});

describe("clusters that a hub names", () => {
  const application = (chart: string, version: string, name: string): Resource =>
    object("argoproj.io/v1alpha1", "Application", `${name}-${chart}`, {
      destination: { name, namespace: "istio-system" },
      source: { repoURL: "ghcr.io/istio/release/charts", chart, targetRevision: version },
    });

  it("are clusters of their own", () => {
    const skewed = [application("istiod", "1.28.5", "east"), application("ztunnel", "1.28.4", "east")];
    expect(against(versionSkew, skewed)).toEqual([expect.stringContaining("in cluster east")]);
    expect(
      against(versionSkew, [application("istiod", "1.28.5", "east"), application("ztunnel", "1.28.4", "west")]),
    ).toEqual([]);
  });

  it("are those of a provider that is called the same", () => {
    const own = release("istiod", {}, { version: "1.28.5" }, { cluster: "east" });
    expect(against(versionSkew, [own, application("ztunnel", "1.28.4", "east")])).toHaveLength(1);
  });

  it("are those of a policy's placement", () => {
    const policy = (kind: string, version: string, placement: string): Resource[] => [
      object("policy.open-cluster-management.io/v1", "Policy", kind, {
        "policy-templates": [
          {
            objectDefinition: {
              apiVersion: "policy.open-cluster-management.io/v1",
              kind: "ConfigurationPolicy",
              spec: {
                "object-templates": [
                  {
                    complianceType: "musthave",
                    objectDefinition: { apiVersion: "sailoperator.io/v1", kind, spec: { version } },
                  },
                ],
              },
            },
          },
        ],
      }),
      object("policy.open-cluster-management.io/v1", "PlacementBinding", kind, {}, "istio-system", {
        placementRef: { name: placement },
        subjects: [{ kind: "Policy", name: kind }],
      }),
    ];
    const istio = policy("Istio", "v1.28.5", "all");
    expect(against(versionSkew, [...istio, ...policy("ZTunnel", "v1.28.4", "all")])).toHaveLength(1);
    expect(against(versionSkew, [...istio, ...policy("ZTunnel", "v1.28.4", "some")])).toEqual([]);
    // What the hub fills in is not known.
    expect(against(versionSkew, [...istio, ...policy("ZTunnel", "{{hub .version hub}}", "all")])).toEqual([]);
  });
});

describe("kept-foundations, of what others install", () => {
  const flux = object("helm.toolkit.fluxcd.io/v2", "HelmRelease", "base", {
    targetNamespace: "istio-system",
    chart: { spec: { chart: "base", version: "1.28.5", sourceRef: { kind: "HelmRepository", name: "istio" } } },
  });
  const argo = (metadata: Properties): Resource => {
    const source = { repoURL: "https://istio-release.storage.googleapis.com/charts", chart: "base" };
    const one = object("argoproj.io/v1alpha1", "Application", "base", { source });
    return { ...one, inputs: { ...one.inputs, metadata: { name: "base", ...metadata } } };
  };
  const finalizers = ["resources-finalizer.argocd.argoproj.io"];

  it("sees the chart go with its release, and with an Application that takes its objects along", () => {
    for (const one of [flux, argo({ finalizers })]) {
      expect(against(keptFoundations, [], {}, { before: [one] })).toEqual([
        expect.stringMatching(/^base-\w+ \(Release\) would be deleted/),
      ]);
      expect(against(keptFoundations, [one], {}, { before: [one] })).toEqual([]);
    }
    expect(against(keptFoundations, [], {}, { before: [argo({})] })).toEqual([]);
  });

  it("sees it move to another namespace", () => {
    const moved = {
      ...flux,
      inputs: { ...flux.inputs, spec: { ...(flux.inputs["spec"] as Properties), targetNamespace: "mesh" } },
    };
    expect(against(keptFoundations, [moved], {}, { before: [flux] })).toEqual([
      expect.stringContaining("would be replaced, since its name changes"),
    ]);
  });
});
