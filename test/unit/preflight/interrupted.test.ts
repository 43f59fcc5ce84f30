/** What an update was making when it was killed: found by the state's pending operations, and by marks on what exists. */
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Access, ownAccess } from "../../../kubernetes";
import { readInterrupted, withInterrupted } from "../../../preflight/interrupted";
import { isMadeOf } from "../../../preflight/interrupted/mark";
import type { exportStack } from "../../../preflight/interrupted/pulumi-cli";
import type { Run } from "../../../preflight/unavailable";
import type { ClusterSettings } from "../../../settings";
import { FakeApiServer } from "../../support/fake-api-server";

/** Stands in for the CLI. */
const askCli = vi.fn<typeof exportStack>();

let server: FakeApiServer;
let access: Access;

beforeEach(async () => {
  server = await FakeApiServer.open();
  access = ownAccess(
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server: server.url } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      users: [{ name: "u", user: { token: "secret-token" } }],
      "current-context": "c",
    }),
    "the test's kubeconfig",
    "c",
  );
  server.objects.set("/api/v1", {
    resources: [
      { name: "secrets", kind: "Secret", namespaced: true },
      { name: "namespaces", kind: "Namespace", namespaced: false },
      { name: "namespaces/status", kind: "Namespace", namespaced: false },
      { name: "serviceaccounts", kind: "ServiceAccount", namespaced: true },
    ],
  });
});
afterEach(() => {
  server.close();
});

const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const provider =
  "urn:pulumi:test::flatmesh::flatmesh:clusters:KwokCluster$pulumi:providers:kubernetes::only-1234abcd::some-id";
const inputs = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "cacerts", namespace: "istio-system", labels: { of: "mesh" } },
  stringData: { ...secretMark, plaintext: JSON.stringify({ "ca-key.pem": "key" }) },
};
const live = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: {
    name: "cacerts",
    namespace: "istio-system",
    uid: "1",
    labels: { of: "mesh" },
    managedFields: [
      {
        manager: "pulumi-kubernetes",
        operation: "Update",
        fieldsV1: {
          "f:metadata": { "f:labels": { ".": {}, "f:of": {} } },
          "f:data": { ".": {}, "f:ca-key.pem": {} },
          "f:type": {},
        },
      },
    ],
  },
  data: { "ca-key.pem": Buffer.from("key").toString("base64") },
  type: "Opaque",
};
const path = "/api/v1/namespaces/istio-system/secrets/cacerts";
const secretType = "kubernetes:core/v1:Secret";
const secretKey = `${secretType} only-1234abcd-cacerts`;

function pend(type: string, name: string, of: object, operation = "creating", recorded?: object): void {
  const urn = `urn:pulumi:test::flatmesh::flatmesh:mesh:Ambient$${type}::${name}`;
  const resource = { urn, type, provider, inputs: of };
  const resources = recorded === undefined ? [] : [{ ...resource, ...recorded }];
  const exported = { version: 3, deployment: { resources, pending_operations: [{ resource, type: operation }] } };
  askCli.mockReset().mockResolvedValue(exported);
}

const kwok: ClusterSettings = {
  name: "only",
  provisioner: "kwok",
  podSubnet: "10.1.0.0/16",
  serviceSubnet: "10.2.0.0/24",
  controlPlanes: 1,
  workers: 0,
};

/** What is found in cluster `only`, of which the state has the provider. */
async function found(
  run: Run = "update",
  more: readonly (readonly [string, unknown])[] = [],
  offline = false,
  settings: ClusterSettings = kwok,
) {
  const clusters = [{ name: "only", namePrefix: "only-1234abcd", generation: 0, settings }];
  const state = new Map<string, unknown>([["pulumi:providers:kubernetes only-1234abcd", {}], ...more]);
  const own = { name: "organization/flatmesh/test", state, outputs: {} };
  const interrupted = await readInterrupted(clusters, own, new Map([["only", access]]), run, offline, askCli);
  return { state: withInterrupted(state, interrupted), ...interrupted.get("only-1234abcd") };
}

it("takes over an object that is as a killed update has made it", async () => {
  pend(secretType, "only-1234abcd-cacerts", inputs);
  server.objects.set(path, live);
  const { upsert, made, state } = await found();
  expect({ upsert, made: [...(made ?? [])] }).toEqual({ upsert: true, made: [secretKey] });
  expect(state.has(secretKey)).toBe(true);
  expect(askCli.mock.calls.map(([, args]) => args)).toEqual([undefined, ["--show-secrets"]]);
});

it.each([
  ["does not exist", undefined],
  ["has another value", { ...live, data: { "ca-key.pem": Buffer.from("other").toString("base64") } }],
  ["lacks a label", { ...live, metadata: { ...live.metadata, labels: {} } }],
  ["is being deleted", { ...live, metadata: { ...live.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }],
  ["was made by somebody else", managedBy({ manager: "kubectl-create" })],
  ["was written by another tool's apply", managedBy({ manager: "kubectl", operation: "Apply" })],
  ["was changed by somebody else since", managedBy({ fieldsV1: { "f:metadata": { "f:labels": { "f:of": {} } } } })],
])("leaves an object alone that %s", async (_what, object) => {
  pend(secretType, "only-1234abcd-cacerts", inputs);
  if (object !== undefined) {
    server.objects.set(path, object);
  }
  expect(await found()).toMatchObject({ upsert: false, made: new Set() });
});

it("takes over what a provider has applied that took something over before", async () => {
  pend(secretType, "only-1234abcd-cacerts", inputs);
  server.objects.set(path, managedBy({ manager: "pulumi-kubernetes-0a1b2c3d", operation: "Apply" }));
  expect(await found()).toMatchObject({ upsert: true, made: new Set([secretKey]) });
});

it("takes over what an update had prepared for that when it was killed again, as long as it has its values", async () => {
  pend(secretType, "only-1234abcd-cacerts", inputs);
  const prepared = managedBy({ fieldsV1: { "f:metadata": { "f:name": {} } } });
  server.objects.set(path, prepared);
  expect(await found()).toMatchObject({ upsert: true, made: new Set([secretKey]) });
  server.objects.set(path, { ...prepared, data: { "ca-key.pem": Buffer.from("other").toString("base64") } });
  expect(await found()).toMatchObject({ made: new Set() });
});

it("knows a definition again, whose extensions Pulumi's state writes with underscores", () => {
  const definition = (schema: object) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "routes" },
    spec: { versions: [{ name: "v1", schema: { openAPIV3Schema: schema } }] },
  });
  const there = (schema: object) => ({
    ...definition(schema),
    metadata: {
      name: "routes",
      managedFields: [
        { manager: "pulumi-kubernetes", operation: "Update", fieldsV1: { "f:spec": { "f:versions": {} } } },
      ],
    },
  });
  const recorded = definition({ x_kubernetes_list_type: "set" });
  expect(isMadeOf(there({ "x-kubernetes-list-type": "set" }), recorded)).toBe(true);
  expect(isMadeOf(there({ "x-kubernetes-list-type": "map" }), recorded)).toBe(false);
});

it("takes over an object that declares nothing but its name", async () => {
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reader", namespace: "istio-system" } };
  pend("kubernetes:core/v1:ServiceAccount", "only-1234abcd-reader", account);
  const place = "/api/v1/namespaces/istio-system/serviceaccounts/reader";
  server.objects.set(place, { ...account, metadata: { ...account.metadata, uid: "1" } });
  expect((await found()).made).toEqual(new Set(["kubernetes:core/v1:ServiceAccount only-1234abcd-reader"]));
  const managedFields = [{ manager: "kubectl-create", operation: "Update", fieldsV1: { "f:secrets": {} } }];
  server.objects.set(place, { ...account, metadata: { ...account.metadata, managedFields } });
  expect((await found()).made).toEqual(new Set());
});

it("does not ask again for what the state has, nor for what was being updated", async () => {
  server.objects.set(path, live);
  pend(secretType, "only-1234abcd-cacerts", inputs);
  expect((await found("update", [[secretKey, {}]])).made).toEqual(new Set());
  pend(secretType, "only-1234abcd-cacerts", inputs, "updating");
  expect((await found()).made).toEqual(new Set());
  expect(askCli).toHaveBeenCalledTimes(1);
});

it("takes over what was being made anew, of which the state still has the predecessor", async () => {
  server.objects.set(path, live);
  pend(secretType, "only-1234abcd-cacerts", inputs, "creating", { pendingReplacement: true });
  expect((await found("update", [[secretKey, {}]])).made).toEqual(new Set([secretKey]));
  pend(secretType, "only-1234abcd-cacerts", inputs, "creating", {});
  expect((await found("update", [[secretKey, {}]])).made).toEqual(new Set());
});

it("asks nothing offline, nor before a cluster has a provider", async () => {
  pend(secretType, "only-1234abcd-cacerts", inputs);
  await found("preview", [], true);
  await readInterrupted([], { name: "s", state: new Map(), outputs: {} }, new Map(), "update", false, askCli);
  expect(askCli).not.toHaveBeenCalled();
});

it("keeps a provider as it is recorded, so that the next plan is silent", async () => {
  askCli.mockReset().mockResolvedValue(undefined);
  const recorded = ["pulumi:providers:kubernetes only-1234abcd", { upsertExistingObjects: "true" }] as const;
  expect(await found("preview", [recorded])).toMatchObject({ upsert: true, made: new Set() });
});

it("has a preview without the right to read Secrets assume what the update will look at", async () => {
  pend(secretType, "only-1234abcd-cacerts", inputs);
  server.forbidden.add(path);
  expect((await found("preview")).made).toEqual(new Set([secretKey]));
  expect((await found("update")).made).toEqual(new Set());
});

const release = { name: "istiod", namespace: "istio-system", version: "1.31.0", values: { global: { network: "n" } } };
const records = "/api/v1/namespaces/istio-system/secrets?labelSelector=owner=helm,name=istiod&limit=500";

it.each([
  ["of the same installation", record(release.values), true],
  ["with other values", record({ global: { network: "other" } }), false],
  ["of another version", record(release.values, "1.30.0"), false],
  ["that can't be read", { data: { release: "" } }, false],
])("judges a release's record %s", async (_which, item, own) => {
  pend("kubernetes:helm.sh/v3:Release", "only-1234abcd-istiod", release);
  server.objects.set(records, { items: [item] });
  const { upsert, made } = await found();
  expect({ upsert, made: made?.size }).toEqual({ upsert: false, made: own ? 1 : 0 });
});

describe("what a removal from an existing cluster leaves until its end", () => {
  const mark = { manager: "pulumi-kubernetes", operation: "Update", fieldsV1: {} };
  const definition = "gateways.gateway.networking.k8s.io";
  const recorded = [
    [
      "command:local:Command only-1234abcd-istio-system-namespace",
      { environment: { NAMESPACE: "istio-system", LABELS: "topology.istio.io/network" } },
    ],
    ["command:local:Command only-1234abcd-remains", { environment: { DEFINITIONS: `${definition} others` } }],
  ] as const;
  const namespaceKey = "kubernetes:core/v1:Namespace only-1234abcd-istio-system";
  const definitionKey = `kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition only-1234abcd-${definition}`;
  const namespacePath = "/api/v1/namespaces/istio-system";
  const namespace = (metadata: object = {}) => ({
    metadata: { labels: { "topology.istio.io/network": "n" }, managedFields: [mark], ...metadata },
  });
  let existing: ClusterSettings;

  beforeEach(() => {
    existing = {
      name: "only",
      provisioner: "existing",
      kubeconfig: JSON.stringify({
        clusters: [{ name: "c", cluster: { server: server.url } }],
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        users: [{ name: "u", user: { token: "secret-token" } }],
        "current-context": "c",
      }),
    };
    askCli.mockReset().mockResolvedValue(undefined);
    server.objects.set("/apis/apiextensions.k8s.io/v1", {
      resources: [{ name: "customresourcedefinitions", kind: "CustomResourceDefinition", namespaced: false }],
    });
    server.objects.set(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition}`, {
      metadata: { managedFields: [{ ...mark, manager: "pulumi-kubernetes-0a1b2c3d", operation: "Apply" }] },
    });
    server.objects.set("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/others", {
      metadata: { managedFields: [{ ...mark, manager: "kubectl" }] },
    });
    server.objects.set(namespacePath, namespace());
  });

  it("is taken over where the state has nothing but the Command that deletes it", async () => {
    const { made, upsert } = await found("update", recorded, false, existing);
    expect({ made, upsert }).toEqual({ made: new Set([namespaceKey, definitionKey]), upsert: true });
    const rest = await found("update", [...recorded, [namespaceKey, {}]], false, existing);
    expect(rest.made).toEqual(new Set([definitionKey]));
  });

  it("is not asked for offline", async () => {
    expect((await found("preview", recorded, true, existing)).made).toEqual(new Set());
  });

  it.each([
    ["is being deleted", { deletionTimestamp: "2026-01-01T00:00:00Z" }],
    ["lacks the stack's labels", { labels: {} }],
    ["was made by somebody else", { managedFields: [{ ...mark, manager: "kubectl-create" }] }],
  ])("is left alone if it %s", async (_what, metadata) => {
    server.objects.set(namespacePath, namespace(metadata));
    expect((await found("update", recorded, false, existing)).made).toEqual(new Set([definitionKey]));
  });
});

function managedBy(entry: object): object {
  const [own] = live.metadata.managedFields;
  return { ...live, metadata: { ...live.metadata, managedFields: [{ ...own, ...entry }] } };
}

function record(config: object, version = release.version): object {
  const json = JSON.stringify({ name: "istiod", chart: { metadata: { name: "istiod", version } }, config });
  const packed = gzipSync(json).toString("base64");
  return { data: { release: Buffer.from(packed).toString("base64") } };
}
