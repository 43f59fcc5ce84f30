import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Definition } from "../../../components/mesh";
import { desiredObjects } from "../../../preflight/existing-clusters";
import { existing, kwok, parse } from "../settings/config";
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
beforeEach(() => {
  warn.mockClear();
});

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

const releasesPath =
  "/api/v1/namespaces/istio-system/secrets?labelSelector=owner=helm,status in (deployed,failed,superseded,uninstalling)";

describe("an empty cluster", () => {
  it("has nothing of anybody's", async () => {
    const { value } = await survey();
    expect(value.preexisting["c"]).toEqual({ namespaces: [], definitions: [] });
    expect(warn).not.toHaveBeenCalled();
  });
});

describe("a namespace", () => {
  it("is somebody else's when it was there, and the stack's when its state has it", async () => {
    namespaces({ "istio-system": {}, "istio-eastwest": {}, demo: {} });
    const state = ["kubernetes:core/v1:Namespace c-istio-eastwest"];
    const { value } = await survey({ demo: true }, { state });
    expect([...(value.preexisting["c"]?.namespaces ?? [])]).toEqual(["istio-system", "demo"]);
  });

  it("that the stack does not need is not looked at", async () => {
    namespaces({ demo: {} });
    const { value } = await survey();
    expect(value.preexisting["c"]?.namespaces.length).toBe(0);
  });

  it("with a label at odds with the stack's is refused, unless the stack has put it there", async () => {
    namespaces({ "istio-system": { labels: { "topology.istio.io/network": "theirs" } } });
    expect(await refused()).toEqual([
      "namespace istio-system has the label topology.istio.io/network=theirs, and this stack needs flat-network. If nobody else " +
        "needs it, remove it: kubectl label namespace istio-system topology.istio.io/network-",
    ]);
    await survey({}, { state: ["kubernetes:core/v1:NamespacePatch c-istio-system"] });
  });

  it("of somebody else that the demo brings into the mesh is told of, the first time", async () => {
    namespaces({ "istio-system": {}, demo: {} });
    await survey({ demo: true });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      "Cluster c: namespace demo existed before, and joins the mesh (istio.io/dataplane-mode=ambient) with all its pods.",
    ]);
    warn.mockClear();
    await survey({ demo: true }, { state: ["kubernetes:core/v1:NamespacePatch c-demo"] });
    expect(warn).not.toHaveBeenCalled();
  });

  it("on its way out is refused", async () => {
    namespaces({ "istio-system": { deletionTimestamp: "2026-01-01T00:00:00Z" } });
    expect(await refused()).toEqual([
      "namespace istio-system is being deleted: wait until it is gone (kubectl get namespace istio-system).",
    ]);
  });
});

describe("a Secret to pull images with", () => {
  const registry = { server: "registry.example.com", username: "robot", password: "t0p-s3cret" };
  const secrets = (...names: string[]) => {
    for (const name of names) {
      server.objects.set(`/api/v1/namespaces/${name}`, { metadata: { name: name.replace(/.*\//, "") } });
    }
  };

  it("that others make is missed in each namespace of the stack", async () => {
    namespaces({ "istio-system": {}, "istio-eastwest": {} });
    secrets("istio-system/secrets/company");
    await survey({ imagePullSecrets: [{ name: "company" }] });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      "Cluster c: it lacks Secret istio-eastwest/company, which imagePullSecrets names: without it, no image of a private registry is " +
        "pulled. Create it in each namespace (kubectl create secret docker-registry company -n istio-eastwest …), or have the stack " +
        "make it: give its registry in imagePullSecrets.",
    ]);
  });

  it("that the stack makes is refused where it is somebody else's, and never missed", async () => {
    const imagePullSecrets = [{ name: "company", registry }];
    await survey({ imagePullSecrets });
    expect(warn).not.toHaveBeenCalled();
    namespaces({ "istio-system": {} });
    secrets("istio-system/secrets/company");
    expect(await refused({ imagePullSecrets })).toEqual([
      "it has Secret istio-system/company, which this stack did not create: delete it if nobody needs it, or take the cluster out of " +
        "this stack.",
    ]);
    await survey({ imagePullSecrets }, { state: ["kubernetes:core/v1:Secret c-istio-system-pull-secret-company"] });
  });
});

describe("another mesh", () => {
  it("is refused by its Helm releases, unless they are the stack's", async () => {
    helm("istiod", "istio-base");
    expect(await refused()).toEqual(
      ["istiod", "istio-base"].map(
        (name) =>
          `it has Helm release ${name} in namespace istio-system, which this stack did not install. Uninstall it if nobody needs ` +
          `it (helm uninstall ${name} -n istio-system), or take the cluster out of this stack.`,
      ),
    );
    await survey({}, { state: ["istiod", "istio-base"].map((name) => `kubernetes:helm.sh/v3:Release c-${name}`) });
  });

  it("of the stack's own, of a cluster that was renamed, is refused with the way to rename it", async () => {
    helm("istiod", "istio-base");
    const state = ["kubernetes:helm.sh/v3:Release old-istiod", "kubernetes:helm.sh/v3:Release made-0123abcd-istiod"];
    const faults = await refusals(() => survey({}, { state }));
    expect(faults.join()).toMatch(
      /cluster c: it has a mesh already\. If it is cluster old of this stack, .* call it old again; or take it out, run/,
    );
  });

  it("is refused by its istiod, wherever that is; not any more once the stack's own is there", async () => {
    list("/apis/apps/v1/deployments?labelSelector=app=istiod", { name: "istiod-canary", namespace: "other" });
    expect(await refused()).toEqual([
      "it has an Istio control plane already (Deployment other/istiod-canary), which this stack did not install. Uninstall it, " +
        "or take the cluster out of this stack: two control planes would fight over its pods.",
    ]);
    await survey({}, { state: ["kubernetes:helm.sh/v3:Release c-istiod"] });
  });

  it("is refused by definitions that Helm would not take over, and not by those that it would", async () => {
    const owned = { "meta.helm.sh/release-name": "istio-base", "meta.helm.sh/release-namespace": "istio-system" };
    crds({ name: "gateways.networking.istio.io", annotations: owned }, { name: "sidecars.networking.istio.io" });
    const [fault] = await refused();
    expect(fault).toMatch(/definitions of another Istio, .*: sidecars\.networking\.istio\.io\. If nothing uses them/);
  });
});

describe("objects of the same name", () => {
  const certificates = "/api/v1/namespaces/istio-system/secrets/cacerts";
  it("are refused with what to do, unless they are the stack's", async () => {
    server.objects.set(certificates, {});
    server.objects.set("/apis/apps/v1/namespaces/demo/deployments/sleep", {});
    expect(await refused({ demo: true })).toEqual([
      "it has Secret istio-system/cacerts, which this stack did not create: if its certificates are managed elsewhere, write " +
        "root: {existing: true}; otherwise delete it.",
      "it has Deployment demo/sleep, which this stack did not create: delete it if nobody needs it, or take the cluster out of " +
        "this stack.",
    ]);
    const state = ["kubernetes:core/v1:Secret c-cacerts", "kubernetes:apps/v1:Deployment c-sleep"];
    await survey({ demo: true }, { state });
  });

  it.each([
    ["Gateway", "/apis/gateway.networking.k8s.io/v1/namespaces/istio-eastwest/gateways/istio-remote-peer-d"],
    ["ConfigMap", "/api/v1/namespaces/istio-eastwest/configmaps/istio-eastwest-service"],
  ])("of the peering are refused, unless they are the stack's: %s", async (kind, path) => {
    server.objects.set(path, {});
    const [place] = /[^/]+\/[^/]+\/[^/]+$/.exec(path) ?? [""];
    const [namespace = "", , name = ""] = place.split("/");
    expect(await refused(pair)).toEqual([
      `it has ${kind} ${namespace}/${name}, which this stack did not create: delete it if nobody needs it, or take the cluster out ` +
        "of this stack.",
    ]);
    const state = [
      "kubernetes:gateway.networking.k8s.io/v1:Gateway c-peer-d",
      "kubernetes:core/v1:ConfigMap c-istio-eastwest-service",
    ];
    await survey(pair, { state });
  });

  it("a peer's Gateway is the stack's as well where its peering chart has made it", async () => {
    server.objects.set("/apis/gateway.networking.k8s.io/v1/namespaces/istio-eastwest/gateways/istio-remote-peer-d", {});
    await survey(pair, { state: ["kubernetes:helm.sh/v3:Release c-peering-remote"] });
  });

  it("that lie in no namespace are named without one", async () => {
    server.objects.set("/apis/rbac.authorization.k8s.io/v1/clusterroles/istio-remote-reader", {});
    // Nobody reads a cluster without links to it, or peer stacks.
    expect(await refusals(() => survey(community))).toEqual([]);
    expect(await refused({ ...community, peerStacks: ["organization/flatmesh/east"] })).toEqual([
      expect.stringMatching(/^it has ClusterRole istio-remote-reader, which this stack did not create: delete it/),
    ]);
  });

  it("are looked for under every name that the stack gives", () => {
    expect(looked({ demo: { sidecars: true }, ...pair })).toEqual(
      [
        ...["global-service", "sleep"].flatMap((name) =>
          ["", "-sidecar"].flatMap((variant) => [`Deployment ${name}${variant}`, `Service ${name}${variant}`]),
        ),
        "ConfigMap istio-eastwest-service",
        "Gateway istio-eastwest",
        "Gateway istio-remote-peer-d",
        "Secret cacerts",
        "ServiceAccount sleep",
        "ServiceAccount sleep-sidecar",
      ].sort(),
    );
    expect(looked({ ...community, clusters: [existing("c"), kwok("d")] })).toEqual(
      [
        ...["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount"].map(
          (kind) => `${kind} istio-remote-reader`,
        ),
        "Secret cacerts",
        "Secret istio-remote-secret-d",
      ].sort(),
    );
  });
});

describe("what makes a cluster unfit for the mesh", () => {
  const cilium = "/api/v1/namespaces/kube-system/configmaps/cilium-config";
  const remedy = /has cni-exclusive: "true".*--set cni\.exclusive=false/;

  it("is refused by an update, and warned of by a preview", async () => {
    server.objects.set(cilium, { data: { "cni-exclusive": "true" } });
    expect(await refused()).toEqual([expect.stringMatching(remedy)]);
    await survey({}, { preview: true });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^Cluster c: pulumi up refuses this: Cilium's ConfigMap /),
    ]);
  });

  it("is only warned of where the mesh is there already, and what has passed by then is not", async () => {
    server.objects.set(cilium, { data: { "cni-exclusive": "true" } });
    list("/api/v1/namespaces?limit=500", { name: "apps", labels: { "istio-injection": "enabled" } });
    await survey({}, { state: ["kubernetes:helm.sh/v3:Release c-istiod"] });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringMatching(remedy)]);
  });

  it("is said not to be known where it may not be read", async () => {
    onTestFinished(() => {
      server.forbidden.clear();
    });
    server.forbidden.add("/api/v1/nodes?limit=500");
    await survey();
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^Cluster c: .* these could not be read: nodes \(.*rbac\/preview\.yaml/),
    ]);
  });
});

describe("what the settings say that the mesh's pods need", () => {
  const quota = {
    metadata: { name: "q", namespace: "istio-system" },
    spec: {},
    status: { hard: { "requests.cpu": "1", "limits.memory": "20Gi" } },
  };
  const node = { metadata: { name: "n" } };
  const sized = (cpu: string) => ({ resources: { requests: { cpu }, limits: { memory: "3Gi" } } });
  const small = { istiod: sized("200m"), ztunnel: sized("100m"), cni: sized("50m") };
  beforeEach(() => {
    namespaces({ "istio-system": {} });
    server.objects.set("/api/v1/namespaces/istio-system/resourcequotas?limit=500", { items: [quota] });
    server.objects.set("/api/v1/nodes?limit=500", { items: [node] });
  });

  it("is what its quotas are judged by, of the stack and of the cluster", async () => {
    await survey(small);
    expect(warn).not.toHaveBeenCalled();
    const clusters = [existing("c", { kubeconfig: kubeconfig(), istiod: { replicas: 6 } })];
    expect(await refused({ ...small, clusters })).toEqual([
      "ResourceQuota istio-system/q has 1 of requests.cpu left (1 in all), and the mesh needs 1.35 with 1 node, for 6 pods of istiod, " +
        "istio-cni and ztunnel. Raise it (kubectl edit resourcequota q -n istio-system), or lower istiod.resources, cni.resources, " +
        "ztunnel.resources and clusters[0].istiod.replicas in the settings.",
      expect.stringMatching(/has 20480Mi of limits\.memory left .* needs 24576Mi/),
    ]);
  });

  it("is what it is asked about in a dry run: a priority class that does not exist is refused", async () => {
    const pods = "/api/v1/namespaces/istio-system/pods";
    onTestFinished(() => {
      server.creations.clear();
    });
    server.creations.set(pods, [403, 'pods "istiod-x" is forbidden: no PriorityClass with name high was found']);
    expect(await refused({ ...small, istiod: { ...small.istiod, priorityClassName: "high" } })).toEqual([
      expect.stringMatching(
        /^PriorityClass high, which istiod\.priorityClassName names, does not exist: .* Create it \(kubectl create priorityclass high /,
      ),
    ]);
  });

  it("is not shown where it is encrypted", async () => {
    const settings = parse({
      clusters: [existing("c", { kubeconfig: kubeconfig() })],
      loadBalancer: undefined,
      ...small,
    });
    const world = { ...settings, chartSettings: { ...settings.chartSettings, istiod: sized("900m") } };
    const secretPaths = [["istiod", "resources"]];
    const messages = await refusals(() =>
      run(() => existingClusters({ ...world, secretPaths }, { release: "v1.4.0", definitions }), {}),
    );
    expect(messages.join("\n")).toContain("and the mesh needs [secret] with 1 node, for istiod, istio-cni and ztunnel");
  });
});

describe("what links a cluster that has no mesh yet", () => {
  const gateways = "/apis/gateway.networking.k8s.io/v1/namespaces/istio-eastwest/gateways";
  const secrets = "/api/v1/namespaces/istio-system/secrets?labelSelector=istio/multiCluster=true";

  it("to clusters that the stack does not link it to is told of, until the stack's mesh is there", async () => {
    list(gateways, { name: "istio-remote-peer-x", namespace: "istio-eastwest" }, { name: "ingress" });
    list(secrets, { name: "istio-remote-secret-y", namespace: "istio-system" });
    await survey();
    const rest =
      "which this stack did not create: its control plane will read the cluster behind it. Delete it if nobody needs it.";
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      `Cluster c: it has Gateway istio-eastwest/istio-remote-peer-x, ${rest}`,
      `Cluster c: it has Secret istio-system/istio-remote-secret-y, ${rest}`,
    ]);
    warn.mockClear();
    await survey({}, { state: ["kubernetes:helm.sh/v3:Release c-istiod"] });
    expect(warn).not.toHaveBeenCalled();
  });
});

describe("one cluster under two names", () => {
  const twice = () => ({
    clusters: ["c", "d"].map((name) => existing(name, { kubeconfig: kubeconfig("d") })),
  });

  it("is refused", async () => {
    namespaces({ "kube-system": { uid: "1" } });
    expect(await refused(twice())).toEqual([
      "  - clusters c, d: their kubeconfigs and contexts lead to the same cluster. Correct them, or keep only one of them in " +
        "the settings.",
    ]);
  });

  it("can't be told where its namespaces have no uid", async () => {
    await survey(twice());
  });
});

describe("a cluster that can't be looked at", () => {
  const gone = { clusters: [existing("c", { kubeconfig: kubeconfigText("c").replace(":6443", ":1") })] };
  const state = [
    "kubernetes:helm.sh/v3:Release c-istiod",
    "kubernetes:core/v1:Namespace c-istio-eastwest",
    `kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition c-${all[0] ?? ""}`,
  ];

  it("is refused by an update that has not been in it yet", async () => {
    expect(await refusals(() => survey(gone))).toEqual([
      expect.stringMatching(/^Cluster c can't be looked at: .*\. Correct its kubeconfig or context, or take it out/),
    ]);
  });

  it.each([
    ["the definitions", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"],
    ["a namespace", "/api/v1/namespaces/istio-system"],
    ["Helm's records", releasesPath],
  ])("is only warned of in a preview by somebody who may not read %s, and refused by an update", async (_, path) => {
    onTestFinished(() => {
      server.forbidden.clear();
    });
    namespaces({ "istio-system": {} });
    list(releasesPath);
    crds();
    server.forbidden.add(path);
    const { value } = await survey({}, { preview: true, state });
    expect(value.preexisting["c"]).toEqual({ namespaces: ["istio-system"], definitions: all.slice(1) });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(
        /^Cluster c: its API server does not let this user look at what is there: .* to be as this stack has left it\.$/,
      ),
    ]);
    expect(await refusals(() => survey({}, { state }))).toEqual([
      expect.stringMatching(/Use a kubeconfig of a cluster administrator, as installing a mesh needs one\.$/),
    ]);
  });

  it("is not refused for Secrets that nobody may read in a namespace that is not there", async () => {
    onTestFinished(() => {
      server.forbidden.clear();
    });
    server.forbidden.add(releasesPath);
    const { value } = await survey({}, { preview: true });
    expect(value.preexisting["c"]).toEqual({ namespaces: [], definitions: [] });
    expect(warn).not.toHaveBeenCalled();
    server.forbidden.clear();
  });

  it.each([
    ["in a first preview: as if it was empty", { preview: true }, [], []],
    ["afterwards: as the stack has left it", { state }, ["istio-system"], all.slice(1)],
    ["afterwards, in a preview", { state, preview: true }, ["istio-system"], all.slice(1)],
  ])("is only warned of %s", async (_, world, namespaces, left) => {
    const { value } = await survey(gone, world);
    expect(value.preexisting["c"]).toEqual({ namespaces, definitions: left });
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^Cluster c can't be looked at: .*\. The plan takes it to be as this stack has left it\.$/),
    ]);
  });
});

/** A cluster that is peered with another one, and reached by a port of its nodes. */
const pair = {
  get clusters() {
    const nodePort = { address: "192.0.2.1", port: 32_000 };
    return [existing("c", { kubeconfig: kubeconfig(), nodePort }), kwok("d")];
  },
};
const community = { distribution: "community", license: undefined, repoKey: undefined };

/** Leads to the fake API server, by a context of each name. */
function kubeconfig(...contexts: readonly string[]): string {
  return JSON.stringify({
    ...(JSON.parse(kubeconfigText("c", ...contexts)) as object),
    clusters: [{ name: "it", cluster: { server: server.url, "insecure-skip-tls-verify": true } }],
  });
}

/** The objects that are looked for in the first cluster of a stack. */
function looked(settings: Readonly<Record<string, unknown>>): string[] {
  const given = parse(settings);
  return given.clusters
    .slice(0, 1)
    .flatMap((cluster) => desiredObjects(given, cluster))
    .map(({ kind, name }) => `${kind} ${name}`)
    .sort();
}

function survey(settings: object = {}, world: World = {}) {
  const given = parse({
    clusters: [existing("c", { kubeconfig: kubeconfig() })],
    loadBalancer: undefined,
    ...settings,
  });
  return run(() => existingClusters(given, { release: "v1.4.0", definitions }), world);
}

/** What the survey is refused for, without the cluster's name. */
async function refused(settings: object = {}): Promise<string[]> {
  const [message = ""] = await refusals(() => survey(settings));
  const [title, ...faults] = message.split("\n");
  expect(title).toBe("Existing clusters can't take this stack's mesh:");
  return faults.map((fault) => fault.replace("  - cluster c: ", ""));
}

function namespaces(found: Readonly<Record<string, object>>): void {
  for (const [name, metadata] of Object.entries(found)) {
    server.objects.set(`/api/v1/namespaces/${name}`, { metadata: { name, ...metadata } });
  }
}

function list(path: string, ...items: object[]): void {
  server.objects.set(path, { items: items.map((metadata) => ({ metadata })) });
}

function crds(...items: object[]): void {
  list("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", ...items);
}

function helm(...names: string[]): void {
  list(
    releasesPath,
    ...names.map((name) => ({ name: `sh.helm.release.v1.${name}.v1`, namespace: "istio-system", labels: { name } })),
  );
}
