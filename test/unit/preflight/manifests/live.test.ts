import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ownAccess } from "../../../../kubernetes";
import { bundledDefinitions } from "../../../../preflight/gateway-api";
import { planManifests } from "../../../../preflight/manifests";
import type { StackState } from "../../../../stacks";
import { FakeApiServer } from "../../../support/fake-api-server";
import { kubeconfigText } from "../../components/mocks";
import { plannedClusters } from "../../components/preflight";
import { existing, kwok, parse } from "../../settings/config";

let server: FakeApiServer;
let folder = "";
beforeAll(async () => {
  server = await FakeApiServer.open();
  folder = mkdtempSync(join(tmpdir(), "flatmesh-live-"));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  server.objects.clear();
  server.forbidden.clear();
});

const policy = (namespace = "istio-system", version = "v1") =>
  `apiVersion: security.istio.io/${version}\nkind: PeerAuthentication\nmetadata: {name: default, namespace: ${namespace}}\n`;
const path = "/apis/security.istio.io/v1/namespaces/istio-system/peerauthentications/default";

/** An API server with a mesh. */
function play(objects: Readonly<Record<string, unknown>> = {}): void {
  const kinds = (kind: string, name: string) => ({ resources: [{ name, kind, namespaced: true }] });
  const served = {
    "/apis/security.istio.io/v1": kinds("PeerAuthentication", "peerauthentications"),
    "/apis/apps/v1": kinds("Deployment", "deployments"),
    "/api/v1": { resources: [{ name: "namespaces", kind: "Namespace", namespaced: false }] },
  };
  for (const [place, object] of Object.entries({ ...served, ...objects })) {
    server.objects.set(place, object);
  }
}

/** What comes of a manifest in an existing cluster, or in one that is about to be made. */
async function plan(text: string, state: StackState = new Map(), offline = false, made = false) {
  writeFileSync(join(folder, "a.yaml"), text);
  const kubeconfig = kubeconfigText("c").replace("https://127.0.0.1:6443", server.url);
  const clusters = [made ? kwok("c") : existing("c", { kubeconfig, context: undefined })];
  const settings = parse({ clusters, manifests: [join(folder, "a.yaml")] });
  const gatewayApi = { release: "v1.4.0", definitions: bundledDefinitions("v1.4.0") };
  const access = made ? new Map() : new Map([["c", ownAccess(kubeconfig, "a kubeconfig", undefined)]]);
  const planned = plannedClusters(settings);
  const { value, problems } = await planManifests({ clusters: planned, settings, gatewayApi, state, access, offline });
  return {
    planned: value.get("c") ?? [],
    faults: problems.map(({ message }) => message.replaceAll(folder, "")).join("\n"),
  };
}

describe("what a cluster has", () => {
  it("already, and the stack has not made, is refused", async () => {
    play({ [path]: { metadata: { name: "default" } } });
    expect((await plan(policy())).faults).toContain(
      "/a.yaml, line 1: PeerAuthentication istio-system/default is in cluster c already, and this stack has not made it. Take it out " +
        "of the file; or, if nobody else keeps it, delete it, and run pulumi up: kubectl delete peerauthentication default -n istio-system",
    );
  });

  it("of the stack's own is not asked for again, under whatever version of its API", async () => {
    play({ [path]: { metadata: { name: "default" } } });
    const key = "kubernetes:security.istio.io/v1:PeerAuthentication c-PeerAuthentication-istio-system/default";
    const same = await plan(policy(), new Map([[key, {}]]));
    const later = await plan(policy("istio-system", "v1beta1"), new Map([[key, {}]]));
    expect([same.faults, later.faults]).toEqual(["", ""]);
    expect(same.planned[0]?.formerTypes).toEqual([]);
    expect(later.planned[0]?.formerTypes).toEqual(["kubernetes:security.istio.io/v1:PeerAuthentication"]);
  });

  it("can't be seen by somebody who may not, and is left to the update", async () => {
    play({ [path]: {} });
    server.forbidden.add(path);
    expect((await plan(policy())).faults).toBe("");
  });

  it("is not looked at offline", async () => {
    play({ [path]: {} });
    expect((await plan(policy(), new Map(), true)).faults).toBe("");
  });
});

describe("what a cluster lacks", () => {
  const certificate = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: x, namespace: default}\n";
  const gateway = (version: string, kind: string) =>
    `apiVersion: gateway.networking.k8s.io/${version}\nkind: ${kind}\nmetadata: {name: x, namespace: istio-system}\n`;

  it.each([false, true])("is named: a definition (cluster is about to be made: %s)", async (made) => {
    play();
    expect((await plan(certificate, new Map(), false, made)).faults).toMatch(
      /cluster c does not know Certificate of cert-manager\.io\/v1.*and neither the mesh nor these manifests bring it/,
    );
  });

  it.each([false, true])("may be among the manifests (cluster is about to be made: %s)", async (made) => {
    play({ "/api/v1/namespaces/default": {} });
    const definition =
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: certificates.cert-manager.io}\n" +
      "spec: {group: cert-manager.io, names: {kind: Certificate}, scope: Namespaced}\n";
    play({
      "/apis/apiextensions.k8s.io/v1": {
        resources: [{ name: "customresourcedefinitions", kind: "CustomResourceDefinition", namespaced: false }],
      },
    });
    expect((await plan(`${certificate}---\n${definition}`, new Map(), false, made)).faults).toBe("");
  });

  it("may come with the mesh: its own kinds, and those of the release of the Gateway API", async () => {
    expect((await plan(policy(), new Map(), false, true)).faults).toBe("");
    expect((await plan(gateway("v1", "HTTPRoute"), new Map(), false, true)).faults).toBe("");
    expect((await plan(gateway("v1alpha2", "TCPRoute"), new Map(), false, true)).faults).toMatch(
      /does not know TCPRoute/,
    );
  });

  it("is a kind that the mesh there does not have", async () => {
    play();
    const state = new Map([["kubernetes:helm.sh/v3:Release c-istiod", {}]]);
    const text = policy().replace("PeerAuthentication", "PeerAuthentications");
    expect((await plan(text, state)).faults).toMatch(/does not know PeerAuthentications/);
  });

  it.each([false, true])("is named: a namespace (cluster is about to be made: %s)", async (made) => {
    play();
    expect((await plan(policy("shop"), new Map(), false, made)).faults).toMatch(
      /cluster c has no namespace shop\. Correct the name, or add a Namespace shop/,
    );
  });

  it("may be a namespace that the stack makes, or the manifests", async () => {
    play();
    const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    expect((await plan(`${policy("shop")}---\n${namespace}---\n${policy()}`)).faults).toBe("");
  });
});
