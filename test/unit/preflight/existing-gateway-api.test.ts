/** The Gateway API of a cluster that was there before: what of it the stack leaves alone, warns of, and is refused for. */
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Definition } from "../../../components/mesh";
import { existing, parse } from "../settings/config";
import { FakeApiServer } from "../../support/fake-api-server";
import { kubeconfigText, refusals, run, type World } from "../components/mocks";
import { existingClusters } from "./parts";

let server: FakeApiServer;
beforeAll(async () => {
  server = await FakeApiServer.open();
});
afterAll(() => {
  server.close();
});
afterEach(() => {
  server.objects.clear();
});
const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
const info = vi.spyOn(pulumi.log, "info").mockResolvedValue();
beforeEach(() => {
  warn.mockClear();
  info.mockClear();
});

const release = "v1.4.0";

const definitions = ["gatewayclasses", "gateways", "httproutes"].map((plural): Definition => ({
  metadata: { name: `${plural}.gateway.networking.k8s.io` },
  spec: {
    group: "g",
    names: { kind: "K", plural },
    scope: "Cluster",
    versions: [{ name: "v1", served: true, storage: true }],
  },
}));
const all = definitions.map(({ metadata }) => metadata.name);

describe("the Gateway API", () => {
  const shown = (calls: typeof warn) => calls.mock.calls.map(([text]) => text);
  const apply = (release: string, channel = "standard") =>
    `Have whoever manages it upgrade it to ${release}: kubectl apply --server-side --force-conflicts -f ` +
    `https://github.com/kubernetes-sigs/gateway-api/releases/download/${release}/${channel}-install.yaml`;
  const plurals = ["gatewayclasses", "gateways", "httproutes", "grpcroutes", "referencegrants"];

  it("of somebody else is left alone as a whole, whatever release it is of, and told of", async () => {
    gatewayApi({ bundle: "v1.4.1", there: plurals });
    const { value } = await survey();
    expect([...(value.preexisting["c"]?.definitions ?? [])].sort()).toEqual(all);
    expect(shown(warn)).toEqual([]);
    expect(shown(info)).toEqual([
      "Cluster c: it has the Gateway API v1.4.1, which stays as it is: this stack's v1.4.0 is not installed over it.",
    ]);
  });

  it("of the experimental channel is left alone, and told of", async () => {
    gatewayApi({ bundle: "v1.4.0", there: [...plurals, "tlsroutes"], channel: "experimental" });
    const { value } = await survey();
    expect([...(value.preexisting["c"]?.definitions ?? [])].sort()).toEqual(all);
    expect(shown(warn)).toEqual([]);
    expect(shown(info)).toEqual([
      "Cluster c: it has the Gateway API v1.4.0 (experimental channel), which stays as it is: this stack's v1.4.0 is not installed over it.",
    ]);
  });

  it("of somebody else is told of where it is older than the stack's", async () => {
    gatewayApi({ bundle: "v1.2.1", there: plurals });
    await survey();
    expect(shown(warn)).toEqual([
      "Cluster c: it has the Gateway API v1.2.1, which this stack did not install. It stays as it is: this stack's v1.4.0 is " +
        `not installed over it. ${apply("v1.4.0")}`,
    ]);
  });

  it.each<[manager: string, metadata: object, remedy: string]>([
    [
      "Helm",
      { annotations: { "meta.helm.sh/release-name": "crds", "meta.helm.sh/release-namespace": "gw" } },
      "Helm release gw/crds keeps it: upgrade that release's chart (v1.4.0 or later).",
    ],
    [
      "Argo CD",
      { annotations: { "argocd.argoproj.io/tracking-id": "infra:apiextensions.k8s.io/CustomResourceDefinition:x" } },
      "Argo CD's application infra keeps it: have it deliver a newer release (v1.4.0 or later).",
    ],
    [
      "Flux",
      {
        labels: { "kustomize.toolkit.fluxcd.io/name": "infra", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" },
      },
      "Flux (infra) keeps it: have it deliver a newer release (v1.4.0 or later).",
    ],
    [
      "GKE",
      { labels: { "addonmanager.kubernetes.io/mode": "Reconcile" } },
      "GKE keeps it: upgrade the cluster, whose version brings its release (v1.4.0 or later).",
    ],
    [
      "another tool",
      { labels: { "kubelb.k8c.io/managed-by": "kubelb" } },
      "kubelb keeps it: have kubelb bring a newer release (v1.4.0 or later).",
    ],
  ])("that %s keeps is upgraded there", async (_, metadata, remedy) => {
    gatewayApi({ bundle: "v1.3.0", there: plurals, metadata });
    await survey();
    expect(shown(warn)).toEqual([expect.stringContaining(remedy)]);
  });

  it("is completed where it lacks what the mesh needs", async () => {
    gatewayApi({ bundle: "v1.4.0", there: ["gatewayclasses"] });
    const { value } = await survey();
    expect([...(value.preexisting["c"]?.definitions ?? [])]).toEqual(["gatewayclasses.gateway.networking.k8s.io"]);
    expect(shown(warn)).toEqual([]);
  });

  it("of another release beside the stack's is told of", async () => {
    gatewayApi({ bundle: "v1.2.0", there: ["httproutes"] });
    await survey();
    expect(shown(warn)).toEqual([
      "Cluster c: it has httproutes.gateway.networking.k8s.io (v1.2.0), which this stack did not install and leaves alone, beside " +
        `its own definitions of v1.4.0. ${apply("v1.4.0")}`,
    ]);
    warn.mockClear();
    gatewayApi({ bundle: "v1.4.1", there: ["httproutes"] });
    await survey();
    expect(shown(warn)).toEqual([
      expect.stringContaining("To have a single release, set gatewayApi.version to v1.4.1."),
    ]);
  });

  it("that is not whole is told of", async () => {
    gatewayApi({ bundle: "v1.4.0", there: ["gatewayclasses", "gateways", "httproutes"] });
    await survey();
    expect(shown(warn)).toEqual([
      "Cluster c: its Gateway API, which this stack did not install, lacks grpcroutes.gateway.networking.k8s.io, " +
        `referencegrants.gateway.networking.k8s.io. The stack does not complete it. ${apply("v1.4.0")}`,
    ]);
  });

  it("that can't do is refused, and a preview warns of it", async () => {
    gatewayApi({ bundle: "v0.8.1", served: [], there: plurals });
    const problems = ["gatewayclasses", "gateways"].map(
      (plural) =>
        `its definition ${plural}.gateway.networking.k8s.io (Gateway API v0.8.1), which this stack did not install, does not ` +
        `serve version v1, which the mesh needs. ${apply("v1.4.0")}`,
    );
    expect(await refused()).toEqual(problems);
    await survey({}, { preview: true });
    expect(shown(warn)).toEqual(problems.map((text) => `Cluster c: pulumi up would refuse this: ${text}`));
  });

  it("without the HTTPRoutes that istiod waits for is refused", async () => {
    gatewayApi({ bundle: "v1.4.0", served: plurals.filter((plural) => plural !== "httproutes"), there: plurals });
    expect(await refused({ istioVersion: "1.29.3" })).toEqual([
      "its definition httproutes.gateway.networking.k8s.io (Gateway API v1.4.0), which this stack did not install, does not serve " +
        `version v1, and istiod of Istio 1.29.3 does not become ready without it. ${apply("v1.4.0")}`,
    ]);
    await survey();
  });

  it("with kinds that Istio ignores in their release is told of, also where it does not say which that is", async () => {
    gatewayApi({ bundle: "v1.4.0", there: [...plurals, "tlsroutes"], channel: "experimental" });
    await survey({ istioVersion: "1.30.0" });
    expect(shown(warn)).toEqual([
      "Cluster c: Istio 1.30.0 ignores its objects of kind TLSRoute, whose definition is of v1.4.0: Istio needs v1.5.0 or later. " +
        apply("v1.5.1", "experimental"),
    ]);
    warn.mockClear();
    gatewayApi({ bundle: "", there: plurals });
    await survey();
    expect(shown(warn)).toEqual([expect.stringContaining("kind GRPCRoute, whose definition is of no stated release")]);
  });

  it("that came after Istio is told of, since istiod may wait for what it lacks", async () => {
    gatewayApi({ bundle: "v1.5.1", there: plurals });
    await survey();
    expect(shown(warn)).toEqual([
      "Cluster c: it has the Gateway API v1.5.1, which came after Istio 1.28.5: its istiod may never become ready " +
        "(istio/istio#59443). Set istioVersion to 1.28.6, 1.29.2 or later. Do not install an older Gateway API over it.",
    ]);
    warn.mockClear();
    await survey({ istioVersion: "1.28.6" });
    expect(shown(warn)).toEqual([]);
  });

  it("of the stack stays the stack's, until somebody brings it to a later release", async () => {
    const state = all.map((name) => `kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition c-${name}`);
    gatewayApi({ bundle: "v1.4.0", channel: "experimental" });
    expect((await survey({}, { state })).value.preexisting["c"]?.definitions.length).toBe(3);
    gatewayApi({ bundle: "v1.3.0", channel: "standard" });
    expect((await survey({}, { state })).value.preexisting["c"]?.definitions.length).toBe(0);
    gatewayApi({ bundle: "v1.10.0" });
    expect((await survey({}, { state })).value.preexisting["c"]?.definitions.length).toBe(3);
  });

  it("is not written where an admission policy denies it, and a preview warns of that", async () => {
    guarded("safe-upgrades.gateway.networking.k8s.io", "v1.6.0");
    const [first = ""] = await refused();
    expect(first).toBe(
      `this stack has to install ${all.join(", ")} of the Gateway API v1.4.0, and ValidatingAdmissionPolicy ` +
        "safe-upgrades.gateway.networking.k8s.io admits no release before v1.6.0. Set gatewayApi.version to v1.6.0 or later, if Istio " +
        "1.28.5 is to work with it; or remove the policy: kubectl delete validatingadmissionpolicybinding,validatingadmissionpolicy " +
        "safe-upgrades.gateway.networking.k8s.io",
    );
    const { value } = await survey({}, { preview: true });
    expect(shown(warn)).toEqual([`Cluster c: pulumi up would refuse this: ${first}`]);
    expect(value.preexisting["c"]?.definitions).toEqual(all);
  });

  it("is only written where OpenShift's operator is not there", async () => {
    guarded("openshift-ingress-operator-gatewayapi-crd-admission");
    expect(await refused()).toEqual([
      expect.stringMatching(/and OpenShift lets only its Ingress Operator do so .* Have the operator install them/),
    ]);
  });

  it("that needs no writing is not denied; nor does a policy deny that binds nobody, admits the release, or can't be read", async () => {
    guarded("openshift-ingress-operator-gatewayapi-crd-admission");
    gatewayApi({ bundle: "v1.4.0", there: plurals });
    await survey();
    const state = all.map((name) => `kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition c-${name}`);
    await survey({}, { state });
    crds();
    unguarded();
    guarded("safe-upgrades.gateway.networking.k8s.io", "v1.6.0", { bound: false });
    await survey();
    unguarded();
    guarded("safe-upgrades.gateway.networking.k8s.io", "v1.4.0");
    await survey();
    expect(shown(warn)).toEqual([]);
  });
});

function kubeconfig(...contexts: readonly string[]): string {
  return JSON.stringify({
    ...(JSON.parse(kubeconfigText("c", ...contexts)) as object),
    clusters: [{ name: "it", cluster: { server: server.url, "insecure-skip-tls-verify": true } }],
  });
}

function survey(settings: object = {}, world: World = {}) {
  const given = parse({
    clusters: [existing("c", { kubeconfig: kubeconfig() })],
    loadBalancer: undefined,
    ...settings,
  });
  return run(() => existingClusters(given, { release, definitions }), world);
}

/** What the survey is refused for, without the cluster's name. */
async function refused(settings: object = {}): Promise<string[]> {
  const [message = ""] = await refusals(() => survey(settings));
  const [title, ...faults] = message.split("\n");
  expect(title).toBe("Existing clusters can't take this stack's mesh:");
  return faults.map((fault) => fault.replace("  - cluster c: ", ""));
}

function list(path: string, ...items: object[]): void {
  server.objects.set(path, { items: items.map((metadata) => ({ metadata })) });
}

function crds(...items: object[]): void {
  list("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", ...items);
}

interface GatewayApi {
  readonly bundle: string;
  readonly channel?: string;
  readonly there?: readonly string[];
  /** Those of version v1 that the API server serves. */
  readonly served?: readonly string[];
  /** More labels and annotations. */
  readonly metadata?: { readonly labels?: object; readonly annotations?: object };
}

function gatewayApi(given: GatewayApi): void {
  const { bundle, channel, there = ["gatewayclasses", "gateways", "httproutes"], served = there, metadata } = given;
  const annotations = {
    ...(bundle !== "" && { "gateway.networking.k8s.io/bundle-version": bundle }),
    ...(channel !== undefined && { "gateway.networking.k8s.io/channel": channel }),
    ...metadata?.annotations,
  };
  crds(...there.map((plural) => ({ ...metadata, name: `${plural}.gateway.networking.k8s.io`, annotations })));
  server.objects.set("/apis/gateway.networking.k8s.io/v1", { resources: served.map((name) => ({ name })) });
}

const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic";

function guarded(name: string, bundle?: string, { bound = true } = {}): void {
  const annotations = bundle === undefined ? {} : { "gateway.networking.k8s.io/bundle-version": bundle };
  server.objects.set(`${policies}ies/${name}`, { metadata: { name, annotations } });
  if (bound) {
    server.objects.set(`${policies}ybindings/${name}`, { metadata: { name, annotations } });
  }
}

function unguarded(): void {
  for (const path of [...server.objects.keys()].filter((one) => one.startsWith(policies))) {
    server.objects.delete(path);
  }
}
