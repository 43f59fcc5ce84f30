import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { digestOf, gatewayApiDefinitions, parseDefinitions } from "../../../../preflight/gateway-api";
import { inside } from "../../../../components/clusters";
import { GatewayApi } from "../../../../components/mesh/gateway-api";
import { kwok, parse } from "../../settings/config";
import { run } from "../mocks";
import { clustersOf } from "../preflight";

function definition(plural: string, kind: string) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.org`, annotations: { "example.org/channel": "standard" } },
    spec: {
      group: "example.org",
      names: { kind, plural },
      scope: "Namespaced",
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  };
}
const gateways = definition("gateways", "Gateway");
const routes = definition("routes", "Route");
const manifest = (...documents: readonly object[]) => documents.map((document) => stringify(document)).join("---\n");

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-gateway-api-"));
  file = join(folder, "standard-install.yaml");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllGlobals();
});

describe("the definitions of the Gateway API", () => {
  it("come from a file of the engineer's own for a version that is not known here", async () => {
    writeFileSync(file, manifest(gateways, routes));
    expect(await gatewayApiDefinitions({ version: "v1.99.0", manifests: file })).toEqual([gateways, routes]);
  });

  it.each(["v1.4.0", "v1.4.1"])("are refused with both digests where they are not those of %s", async (version) => {
    writeFileSync(file, manifest(gateways));
    const digest = digestOf(parseDefinitions(manifest(gateways), file));
    await expect(gatewayApiDefinitions({ version, manifests: file })).rejects.toThrow(
      new RegExp(
        `^gatewayApi: ${file} does not hold the standard channel of ${version}: digest ${digest}, expected [0-9a-f]{64}\\. ` +
          "Point gatewayApi.manifests at an unchanged copy of that release's standard-install.yaml\\.\nSee docs/settings.md#the-gateway-api$",
      ),
    );
  });

  it("of a known version are refused from a mirror, too, where the mirror has changed them", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(manifest(gateways))));
    await expect(
      gatewayApiDefinitions({ version: "v1.4.0", manifests: "https://mirror.example.com/api.yaml" }),
    ).rejects.toThrow(
      "gatewayApi: https://mirror.example.com/api.yaml does not hold the standard channel of v1.4.0: digest",
    );
  });

  it.each([
    [
      "the release",
      undefined,
      "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.99.0/standard-install.yaml",
    ],
    ["a mirror", "https://mirror.example.com/api.yaml", "https://mirror.example.com/api.yaml"],
  ])("of an unknown version are not even asked for from %s", async (_, manifests, url) => {
    const fetch = vi.fn();
    vi.stubGlobal("fetch", fetch);
    await expect(gatewayApiDefinitions({ version: "v1.99.0", manifests })).rejects.toThrow(
      `gatewayApi: the digest of v1.99.0 is not known, so what ${url} sends can't be verified. Use v1.4.0 or v1.4.1, or keep a ` +
        "reviewed copy of the release's standard-install.yaml next to the stack's settings and give its path in " +
        "gatewayApi.manifests.",
    );
    expect(fetch).not.toHaveBeenCalled();
  });
});

describe("definitions that can't be loaded", () => {
  const url = "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.4.0/standard-install.yaml";
  const remedy = "Set gatewayApi.manifests to a path or an https URL of a copy of the release's standard-install.yaml.";

  it.each([
    [
      "no network",
      () => Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND github.com") })),
      "getaddrinfo ENOTFOUND github.com",
    ],
    [
      "a server that refuses",
      () => Promise.resolve(new Response("", { status: 403, statusText: "Forbidden" })),
      "the server says 403 Forbidden",
    ],
    [
      "a server that does not answer",
      () => Promise.reject(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
      "The operation was aborted due to timeout",
    ],
  ])("say so and name another way: %s", async (_, fetch, cause) => {
    vi.stubGlobal("fetch", fetch);
    await expect(gatewayApiDefinitions({ version: "v1.4.0" })).rejects.toThrow(
      `gatewayApi: the Gateway API's definitions can't be loaded from ${url} (${cause}). ${remedy}`,
    );
  });

  it("name a file that is not there", async () => {
    await expect(gatewayApiDefinitions({ version: "v1.4.0", manifests: file })).rejects.toThrow(
      `gatewayApi: the Gateway API's definitions can't be loaded from ${file} (ENOENT`,
    );
  });
});

describe("a manifest", () => {
  it.each([
    [
      "another object among the definitions",
      manifest(gateways, { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } }),
    ],
    ["definitions of an old version", manifest({ ...gateways, apiVersion: "apiextensions.k8s.io/v1beta1" })],
    ["a definition without versions", manifest({ ...gateways, spec: { group: "example.org" } })],
    ["a web page", "<!DOCTYPE html><html><body>Sign in</body></html>"],
    ["broken YAML", `${manifest(gateways)}---\n{ broken`],
    ["nothing", ""],
    ["nothing but comments", "# nothing\n---\n# to see\n"],
  ])("is refused for %s", (_, text) => {
    expect(() => parseDefinitions(text, "the.yaml")).toThrow(
      "gatewayApi: the.yaml is not a list of CustomResourceDefinitions in YAML. Point gatewayApi.manifests at a copy of the " +
        "release's standard-install.yaml.",
    );
  });

  it("may have empty documents, and a status that is not applied", () => {
    const text = `---\n# a licence\n---\n${manifest({ ...gateways, status: { conditions: null } })}---\n`;
    expect(parseDefinitions(text, "the.yaml")).toEqual([gateways]);
  });
});

describe("the digest", () => {
  const digest = (text: string) => digestOf(parseDefinitions(text, "the.yaml"));
  const original = digest(manifest(gateways, routes));

  it("does not count comments, the order of a file or of keys, and quotes", () => {
    const reversed = (value: unknown): unknown =>
      typeof value !== "object" || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, entry]) => [key, reversed(entry)]),
          );
    expect(digest(manifest(routes, gateways))).toBe(original);
    expect(digest(manifest(reversed(gateways) as object, routes))).toBe(original);
    expect(digest(`# a comment\n${manifest(gateways, routes).replaceAll("name: v1", 'name: "v1" # quoted')}`)).toBe(
      original,
    );
  });

  it.each([
    ["an annotation", { ...gateways, metadata: { ...gateways.metadata, annotations: {} } }],
    ["a label", { ...gateways, metadata: { ...gateways.metadata, labels: { a: "b" } } }],
    ["the scope", { ...gateways, spec: { ...gateways.spec, scope: "Cluster" } }],
    [
      "the schema",
      { ...gateways, spec: { ...gateways.spec, versions: [{ name: "v1", served: true, storage: true }] } },
    ],
    ["a conversion", { ...gateways, spec: { ...gateways.spec, conversion: { strategy: "Webhook" } } }],
  ])("counts %s", (_, changed) => {
    expect(digest(manifest(changed, routes))).not.toBe(original);
  });

  it("counts a definition more, less or twice", () => {
    const all = [manifest(gateways), manifest(gateways, routes, routes), manifest(gateways, routes)];
    expect(new Set(all.map(digest)).size).toBe(3);
  });
});

describe.each([false, true])("the Gateway API of a cluster, preview %s", (preview) => {
  it("is waited for until it is established, with all that the release has", async () => {
    const { all, value } = await run(
      () => {
        const [cluster] = clustersOf(parse({ clusters: [kwok("a")], loadBalancer: undefined }));
        if (cluster === undefined) {
          throw new Error("no cluster");
        }
        const { namePrefix } = cluster;
        const definitions = parseDefinitions(manifest(gateways, routes), "the.yaml");
        const args = { namePrefix, definitions, existingCluster: false };
        new GatewayApi(`${namePrefix}-gateway-api`, args, inside(cluster));
        return cluster;
      },
      { preview },
    );
    const definitions = all("CustomResourceDefinition");
    expect(definitions.map(({ name }) => name)).toEqual([
      `${value.namePrefix}-gateways.example.org`,
      `${value.namePrefix}-routes.example.org`,
    ]);
    expect(definitions.map(({ provider }) => provider)).toEqual([value.namePrefix, value.namePrefix]);
    expect(definitions[0]?.inputs).toMatchObject({
      spec: gateways.spec,
      metadata: {
        name: "gateways.example.org",
        annotations: { "example.org/channel": "standard", "pulumi.com/waitFor": "condition=Established" },
      },
    });
  });
});
