import { describe, expect, it } from "vitest";
import { createManifests, type ManifestObject } from "../../../../components/manifests";
import { parse, existing, kwok } from "../../settings/config";
import { meshesIn } from "../meshes";
import { kubeconfigText, run } from "../mocks";
import { clustersOf } from "../preflight";

const cluster = { a: kwok("a"), b: existing("b", { kubeconfig: kubeconfigText("b") }) };

/** What becomes of objects in a cluster. */
async function declared(objects: readonly object[], name: keyof typeof cluster = "a") {
  const settings = parse({ clusters: [cluster[name]] });
  const given = objects.map((object) => ({ formerTypes: [], object }) as unknown as ManifestObject);
  const left = await run(() => {
    createManifests({
      meshes: meshesIn(clustersOf(settings), settings),
      manifests: new Map([[name, given]]),
      namespaces: {},
    });
  });
  const own = left.resources.filter(({ name: resource }) => /-(?:[A-Z]\w+-\S+|manifests)$/.test(resource));
  return own.map((resource) => ({ ...resource, name: resource.name.replace(/^a-[0-9a-f]{8}-/, "a-") }));
}

const meta = (name: string, namespace?: string) => ({ name, ...(namespace !== undefined && { namespace }) });

describe("manifests", () => {
  it("become resources of their kinds, by names that no file has a part in", async () => {
    const objects = [
      {
        apiVersion: "security.istio.io/v1",
        kind: "PeerAuthentication",
        metadata: meta("default", "istio-system"),
        spec: { mtls: {} },
      },
      { apiVersion: "v1", kind: "ConfigMap", metadata: meta("x-y", "z"), data: { k: "v" } },
      { apiVersion: "v1", kind: "ConfigMap", metadata: meta("y", "z-x"), data: {} },
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: meta("r") },
    ];
    const found = await declared(objects);
    expect(found.map(({ type, name, provider }) => `${type} ${name} ${provider.replace(/-[0-9a-f]{8}$/, "")}`)).toEqual(
      [
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole a-ClusterRole-r a",
        "kubernetes:core/v1:ConfigMap a-ConfigMap-z-x/y a",
        "kubernetes:core/v1:ConfigMap a-ConfigMap-z/x-y a",
        "kubernetes:security.istio.io/v1:PeerAuthentication a-PeerAuthentication-istio-system/default a",
        "flatmesh:manifests:Manifests a-manifests ",
      ],
    );
    expect(found.find(({ type }) => type.endsWith("PeerAuthentication"))?.inputs).toEqual(objects[0]);
  });

  it("show nothing of a Secret, nor do they record objects with the component", async () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: meta("s", "z"),
      type: "Opaque",
      stringData: { password: "hunter2" },
    };
    const found = await declared([secret]);
    expect(found.find(({ type }) => type.endsWith(":Secret"))?.secrets).toEqual(["stringData"]);
    expect(JSON.stringify(found.filter(({ type }) => type.startsWith("flatmesh:")))).not.toContain("hunter2");
  });

  it("are waited for where the plugin would not do so by itself, unless they say otherwise", async () => {
    const gateway = (name: string, annotations?: object) => ({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { ...meta(name, "z"), ...(annotations && { annotations }) },
    });
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: meta("x.e.com"),
      spec: {},
    };
    const found = await declared([gateway("g"), gateway("h", { "pulumi.com/skipAwait": "true" }), definition]);
    const annotations = found.flatMap(
      ({ inputs }) => (inputs["metadata"] as { annotations?: object } | undefined)?.annotations ?? [],
    );
    expect(annotations).toEqual([
      { "pulumi.com/waitFor": "condition=Established" },
      { "pulumi.com/waitFor": "condition=Programmed" },
      { "pulumi.com/skipAwait": "true" },
    ]);
  });

  it("leave a namespace of an existing cluster to what looks whether others use it", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: meta("shop") };
    const names = async (name: keyof typeof cluster) => (await declared([namespace], name)).map((one) => one.name);
    expect(await names("a")).toEqual(["a-Namespace-shop", "a-manifests"]);
    expect(await names("b")).toEqual(["b-Namespace-shop", "b-Namespace-shop-namespace", "b-manifests"]);
  });

  it("are no component where a cluster gets none", async () => {
    expect(await declared([])).toEqual([]);
  });
});
