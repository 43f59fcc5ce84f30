import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownAccess } from "../../../../kubernetes";
import { valueOf } from "../../../../preflight/datum";
import { declaredIn } from "../../../../preflight/drift/declared";
import { judgeDrift } from "../../../../preflight/drift/judge";
import { readLive } from "../../../../preflight/drift/read";
import { FakeApiServer } from "../../../support/fake-api-server";

let server: FakeApiServer;
beforeEach(async () => {
  server = await FakeApiServer.open();
  const resource = (name: string, kind: string, namespaced: boolean) => ({ name, kind, namespaced });
  server.objects.set("/api/v1", {
    resources: [resource("namespaces", "Namespace", false), resource("configmaps", "ConfigMap", true)],
  });
  server.objects.set("/apis/apps/v1", { resources: [resource("deployments", "Deployment", true)] });
});
afterEach(() => {
  server.close();
});

const namespaceKey = "kubernetes:core/v1:Namespace a-istio-system";
const releaseKey = "kubernetes:helm.sh/v3:Release a-istiod";
const inputs = { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-system", labels: { network: "flat" } } };
const state = new Map<string, unknown>([
  [namespaceKey, { ...inputs, __inputs: inputs, __fieldManager: "pulumi-kubernetes-1" }],
  [releaseKey, { name: "istiod", namespace: "istio-system", status: { revision: 2 } }],
  ["kubernetes:core/v1:Namespace b-istio-system", { ...inputs, __inputs: inputs }],
  ["kubernetes:core/v1:Namespace a-2-istio-system", { ...inputs, __inputs: inputs }],
]);
const declared = declaredIn(state, ["a", "a-2"], "flatmesh/repaired");

const manifest = `---
# Source: istiod/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod}
spec:
  template: {spec: {volumes: [{name: token, secret: {defaultMode: 0644}}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {since: "2026-01-01"}
`;

const secrets = "/api/v1/namespaces/istio-system/secrets";
const records = `${secrets}?labelSelector=owner=helm,name=istiod`;

function record(version: number, status: string) {
  const name = `sh.helm.release.v1.istiod.v${String(version)}`;
  const release = gzipSync(JSON.stringify({ info: { status }, manifest })).toString("base64");
  server.objects.set(`${secrets}/${name}`, { data: { release: Buffer.from(release).toString("base64") } });
  return { metadata: { name, labels: { owner: "helm", name: "istiod", status, version: String(version) } } };
}

/** A cluster that has everything. */
function install(...statuses: readonly string[]): void {
  server.objects.set(records, { items: statuses.map((status, index) => record(index + 1, status)) });
  server.objects.set("/api/v1/namespaces/istio-system", inputs);
  const volumes = [{ name: "token", secret: { defaultMode: 0o644 } }];
  server.objects.set("/apis/apps/v1/namespaces/istio-system/deployments/istiod", {
    spec: { replicas: 1, template: { spec: { volumes } } },
  });
  server.objects.set("/api/v1/namespaces/istio-system/configmaps/istio", { data: { since: "2026-01-01" } });
}

async function reasons(): Promise<Readonly<Record<string, string>>> {
  const own = declared.get("a") ?? { objects: [], releases: [] };
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "a", cluster: { server: server.url } }],
    users: [{ name: "a", user: {} }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    "current-context": "a",
  });
  const live = await readLive(ownAccess(kubeconfig, "the kubeconfig of a test"), own);
  const { value, problems } = judgeDrift([{ name: "a", declared: own, live }], "update");
  expect(valueOf(live), JSON.stringify(live)).toBeDefined();
  return {
    ...Object.fromEntries(Object.entries(value).map(([key, { reason }]) => [key, reason])),
    ...Object.fromEntries(
      problems.flatMap(({ severity, message }) => (severity === "warning" ? [["warning", message]] : [])),
    ),
  };
}

test("objects belong to the cluster with the longest prefix of their name, and to none that is not planned", () => {
  expect([...declared].map(([prefix, { objects }]) => [prefix, objects.map(({ resource }) => resource)])).toEqual([
    ["a", [namespaceKey]],
    ["a-2", ["kubernetes:core/v1:Namespace a-2-istio-system"]],
  ]);
});

test("a cluster that has everything has no drift", async () => {
  install("superseded", "deployed");
  expect(await reasons()).toEqual({});
});

test("objects of a release without a namespace are looked for in the release's", async () => {
  install("superseded", "deployed");
  server.objects.delete("/apis/apps/v1/namespaces/istio-system/deployments/istiod");
  expect(await reasons()).toEqual({
    [releaseKey]: "1: Helm release istio-system/istiod: Deployment istio-system/istiod is missing",
  });
});

test("a namespace that was deleted with all in it takes the release's records along", async () => {
  expect(await reasons()).toEqual({
    [namespaceKey]: "1: Namespace istio-system is missing",
    [releaseKey]: "1: Helm release istio-system/istiod: Helm has no record of it that an upgrade could begin with",
  });
});

test.each(["pending-upgrade", "failed"])("a last change that is %s is told", async (status) => {
  install("superseded", "deployed", status);
  expect(await reasons()).toEqual({
    [releaseKey]: `1: Helm release istio-system/istiod: its last change did not succeed (Helm's status: ${status})`,
  });
});

test("what may not be read is told, and the rest is compared", async () => {
  install("superseded", "deployed");
  server.forbidden.add(records);
  server.objects.delete("/api/v1/namespaces/istio-system");
  expect(await reasons()).toEqual({
    [namespaceKey]: "1: Namespace istio-system is missing",
    warning: expect.stringMatching(/Helm release istio-system\/istiod is as.*rbac\/preview\.yaml/) as string,
  });
});

test("definitions and Secrets are compared in the form that the API server has them in", () => {
  const inputsOf = (apiVersion: string, kind: string, name: string, fields: object) => {
    const given = { apiVersion, kind, metadata: { name }, ...fields };
    return { ...given, __inputs: given };
  };
  const definition = { schema: { openAPIV3Schema: { x_kubernetes_validations: [{ rule: "true" }] } } };
  const { objects = [] } =
    declaredIn(
      new Map([
        ["kubernetes:core/v1:Secret a-cacerts", inputsOf("v1", "Secret", "cacerts", { stringData: { key: "a text" } })],
        [
          "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition a-routes",
          inputsOf("apiextensions.k8s.io/v1", "CustomResourceDefinition", "routes", { spec: definition }),
        ],
      ]),
      ["a"],
      "flatmesh/repaired",
    ).get("a") ?? {};
  expect(objects.map(({ object }) => object)).toMatchObject([
    { data: { key: Buffer.from("a text").toString("base64") }, stringData: undefined },
    { spec: { schema: { openAPIV3Schema: { "x-kubernetes-validations": [{ rule: "true" }] } } } },
  ]);
});
