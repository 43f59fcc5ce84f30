import { readdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import {
  bundledDefinitions,
  bundledReleases,
  bundleFile,
  digestOf,
  gatewayApiBundle,
  parseManifests,
} from "../../../preflight/gateway-api";
import type { StackState } from "../../../stacks";

type Annotations = Readonly<Record<string, string>>;

function definition(plural: string, kind: string, annotations?: Annotations, group = "gateway.networking.k8s.io") {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, ...(annotations && { annotations }) },
    spec: {
      group,
      names: { kind, plural },
      scope: "Namespaced",
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  };
}
const gateways = definition("gateways", "Gateway");
const classes = definition("gatewayclasses", "GatewayClass");
const routes = definition("httproutes", "HTTPRoute");
const of = (release: string, channel = "standard") => ({
  "gateway.networking.k8s.io/bundle-version": release,
  "gateway.networking.k8s.io/channel": channel,
});
const needed = (annotations: Annotations) => [
  definition("gateways", "Gateway", annotations),
  definition("gatewayclasses", "GatewayClass", annotations),
];
const manifest = (...documents: readonly object[]) => documents.map((document) => stringify(document)).join("---\n");
/** What a release from v1.5 on has beside its definitions. */
const guard = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind,
  metadata: { name: "safe-upgrades.gateway.networking.k8s.io", annotations: of("v1.5.0-dev") },
}));

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

interface Given {
  readonly istio?: string;
  /** The releases that the stack has installed. */
  readonly installed?: readonly string[];
}

async function bundle(
  gatewayApi: { readonly version?: string; readonly manifests?: string } = {},
  { istio = "1.31.0", installed = [] }: Given = {},
) {
  const state: StackState = new Map(
    installed.map((release, index) => [
      `kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition c${String(index)}-gateways.gateway.networking.k8s.io`,
      { metadata: { annotations: of(release) } },
    ]),
  );
  const { value, problems } = await gatewayApiBundle({ gatewayApi, istioVersion: istio }, state);
  return { ...value, problems: problems.map(({ severity, message }) => `${severity}: ${message}`) };
}

describe("the release that is installed", () => {
  it.each([
    ["1.24.3", "v1.4.0"],
    ["1.28.5", "v1.4.0"],
    ["1.29.6", "v1.4.0"],
    ["1.30.3", "v1.5.1"],
    ["1.31.0", "v1.6.0"],
    ["1.32.0", "v1.6.0"],
  ])("follows Istio %s: %s, and needs no download", async (istio, release) => {
    const fetch = vi.fn();
    vi.stubGlobal("fetch", fetch);
    const { definitions, ...found } = await bundle({}, { istio });
    expect(found).toEqual({ release, problems: [] });
    expect(
      new Set(definitions.map(({ metadata }) => metadata.annotations?.["gateway.networking.k8s.io/bundle-version"])),
    ).toEqual(new Set([release]));
    expect(fetch).not.toHaveBeenCalled();
  });

  it("is the settings', if they name one", async () => {
    expect((await bundle({ version: "v1.6.1" })).release).toBe("v1.6.1");
  });

  it.each([
    ["1.30.0", ["v1.6.0"], "v1.6.0"],
    ["1.28.7", ["v1.4.0", "v1.4.1"], "v1.4.1"],
    ["1.31.0", ["v1.4.0"], "v1.6.0"],
    ["1.31.0", ["none"], "v1.6.0"],
  ])("is never older than what the stack has installed: Istio %s, %s", async (istio, installed, release) => {
    expect((await bundle({}, { istio, installed })).release).toBe(release);
  });

  it.each([{ version: "v1.5.1" }, { version: "v1.4.0" }])(
    "is refused where the settings ask for an older one",
    async (given) => {
      await expect(bundle(given, { installed: ["v1.4.0", "v1.6.0"] })).rejects.toThrow(
        `gatewayApi: this stack has installed the Gateway API v1.6.0, and its settings ask for ${given.version}. An older release does ` +
          "not know what objects of the newer one hold, so definitions are never taken back: write gatewayApi.version: v1.6.0 or later.",
      );
    },
  );

  it("is refused where it lacks a definition that the stack has installed, which would be deleted", async () => {
    writeFileSync(file, manifest(...needed(of("v1.99.0"))));
    const type = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
    const state = new Map(
      ["a-gateways.gateway", "b-1-tcproutes.gateway", "a-tcproutes.gateway"].map((name) => [
        `${type} ${name}.networking.k8s.io`,
        {},
      ]),
    );
    await expect(gatewayApiBundle({ gatewayApi: { manifests: file }, istioVersion: "1.31.0" }, state)).rejects.toThrow(
      `gatewayApi: ${file} lacks tcproutes.gateway.networking.k8s.io, which this stack has installed. With a definition all of its ` +
        "objects would be deleted. Point gatewayApi.manifests at the whole file of a release that has them.",
    );
  });

  it("is refused where it does not come with the program, with what to do", async () => {
    const message = (release: string) =>
      `gatewayApi: the Gateway API ${release} does not come with this program, which has ${bundledReleases.join(", ")}. Write one of ` +
      `these in gatewayApi.version, or keep a reviewed copy of the standard-install.yaml of ${release} next to the stack's settings ` +
      "and give its path in gatewayApi.manifests.";
    await expect(bundle({ version: "v1.9.0" })).rejects.toThrow(message("v1.9.0"));
    await expect(bundle({}, { installed: ["v1.9.0"] })).rejects.toThrow(message("v1.9.0"));
  });

  it("is warned of where istiod may wait forever for what it no longer serves", async () => {
    expect((await bundle({ version: "v1.5.1" }, { istio: "1.28.5" })).problems).toEqual([
      "warning: gatewayApi: Istio 1.28.5 came before the Gateway API v1.5.1, and its istiod may never become ready with it " +
        "(istio/istio#59443). Set istioVersion to 1.28.6, 1.29.2 or later. Do not install an older Gateway API over it.",
    ]);
    expect((await bundle({ version: "v1.5.1" }, { istio: "1.28.6" })).problems).toEqual([]);
    expect((await bundle({ version: "v1.5.1" }, { istio: "1.29.1" })).problems).toHaveLength(1);
    expect((await bundle({ version: "v1.4.1" }, { istio: "1.25.0" })).problems).toEqual([]);
  });

  it("is warned of where Istio ignores kinds of it", async () => {
    const backends = definition("backendtlspolicies", "BackendTLSPolicy", of("v1.3.0"));
    writeFileSync(file, manifest(...needed(of("v1.3.0")), backends));
    expect((await bundle({ manifests: file })).problems).toEqual([
      "warning: gatewayApi: Istio 1.31.0 ignores the objects of kinds that it needs in a later release than v1.3.0: BackendTLSPolicy " +
        "(v1.4.0). Set gatewayApi.version to v1.6.0, or leave it out.",
    ]);
    expect((await bundle({ manifests: file }, { istio: "1.27.0" })).problems).toEqual([]);
  });
});

describe("the releases that come with the program", () => {
  it.each(bundledReleases)("%s is whole, and has the digest that its Go module has", (release) => {
    const definitions = bundledDefinitions(release);
    const plurals = definitions.map(({ spec }) => spec.names.plural);
    expect(plurals).toEqual(expect.arrayContaining(["gatewayclasses", "gateways", "grpcroutes", "httproutes"]));
    for (const { metadata } of definitions) {
      expect(metadata.annotations).toMatchObject(of(release));
    }
  });

  it("have a file each, and no other file is there", () => {
    const files = readdirSync(dirname(bundleFile(""))).filter((name) => name !== "README.md");
    expect(files.sort()).toEqual(bundledReleases.map((release) => `${release}.json.br`));
  });
});

describe("manifests", () => {
  it("may be of any release, if they are a file of the engineer's own", async () => {
    writeFileSync(file, manifest(gateways, classes, routes));
    const { definitions, release } = await bundle({ version: "v1.99.0", manifests: file });
    expect([release, definitions]).toEqual(["v1.99.0", [gateways, classes, routes]]);
  });

  it("say of which release they are, where the settings don't", async () => {
    writeFileSync(file, manifest(...needed(of("v1.99.0"))));
    expect((await bundle({ manifests: file })).release).toBe("v1.99.0");
    writeFileSync(file, manifest(...bundledDefinitions("v1.4.0")));
    expect((await bundle({ manifests: file })).release).toBe("v1.4.0");
  });

  it("may be compressed, and have the admission policy of their release, which is not installed", async () => {
    const definitions = bundledDefinitions("v1.5.1");
    writeFileSync(file, gzipSync(manifest(...definitions, ...guard)));
    expect(await bundle({ manifests: file })).toEqual({ release: "v1.5.1", definitions, problems: [] });
  });

  it("are refused where they state another release than the settings, or several", async () => {
    writeFileSync(file, manifest(...bundledDefinitions("v1.4.1")));
    await expect(bundle({ version: "v1.6.0", manifests: file })).rejects.toThrow(
      `gatewayApi: ${file} holds the Gateway API v1.4.1, and gatewayApi.version is v1.6.0. Write gatewayApi.version: v1.4.1, or point ` +
        "gatewayApi.manifests at a copy of the standard-install.yaml of v1.6.0.",
    );
    writeFileSync(
      file,
      manifest(definition("gateways", "Gateway", of("v1.98.0")), definition("gatewayclasses", "C", of("v1.99.0"))),
    );
    await expect(bundle({ manifests: file })).rejects.toThrow(
      `gatewayApi: ${file} has definitions of several releases: v1.98.0, v1.99.0.`,
    );
  });

  it.each(["v1.4.0", "v1.4.1"])("are refused with both digests where they are not those of %s", async (version) => {
    writeFileSync(file, manifest(gateways, classes));
    const digest = digestOf(parseManifests(manifest(gateways, classes), file));
    await expect(bundle({ version, manifests: file })).rejects.toThrow(
      new RegExp(
        `^gatewayApi: ${file} does not hold the standard channel of ${version}: digest ${digest}, expected [0-9a-f]{64}\\. ` +
          "Point gatewayApi.manifests at an unchanged copy of that release's standard-install.yaml, or leave it out: the program has " +
          "the release itself\\.\nSee docs/settings.md#the-gateway-api$",
      ),
    );
  });

  it("of a known release are refused from a mirror, too, where the mirror has changed them", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(manifest(gateways, classes))));
    await expect(bundle({ version: "v1.4.0", manifests: "https://mirror.example.com/api.yaml" })).rejects.toThrow(
      "gatewayApi: https://mirror.example.com/api.yaml does not hold the standard channel of v1.4.0: digest",
    );
  });

  it("of a known release are taken from a mirror", async () => {
    const definitions = bundledDefinitions("v1.5.0");
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(manifest(...definitions))));
    const url = "https://mirror.example.com/api.yaml";
    expect(await bundle({ manifests: url })).toEqual({ release: "v1.5.0", definitions, problems: [] });
  });

  it("of an unknown release are not taken from a mirror, nor asked for where the settings name it", async () => {
    const fetch = vi.fn(() => Promise.resolve(new Response(manifest(...needed(of("v1.99.0"))))));
    vi.stubGlobal("fetch", fetch);
    const manifests = "https://mirror.example.com/api.yaml";
    const message =
      `gatewayApi: the digest of v1.99.0 is not known, so what ${manifests} sends can't be verified. Use one of ` +
      `${bundledReleases.join(", ")}, or keep a reviewed copy of the release's standard-install.yaml next to the stack's ` +
      "settings and give its path in gatewayApi.manifests.";
    await expect(bundle({ version: "v1.99.0", manifests })).rejects.toThrow(message);
    expect(fetch).not.toHaveBeenCalled();
    await expect(bundle({ manifests })).rejects.toThrow(message);
  });
});

describe("manifests that can't be loaded", () => {
  const url = "https://mirror.example.com/api.yaml";

  it.each([
    [
      "no network",
      () =>
        Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND mirror.example.com") })),
      "getaddrinfo ENOTFOUND mirror.example.com",
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
    await expect(bundle({ version: "v1.4.0", manifests: url })).rejects.toThrow(
      `gatewayApi: the Gateway API's definitions can't be loaded from ${url} (${cause}). Set gatewayApi.manifests to a path or an ` +
        "https URL of a copy of the release's standard-install.yaml, or leave it out: releases that come with the program need no file.",
    );
  });

  it.each([
    ["that is not there", () => file, "ENOENT"],
    ["that is a folder", () => folder, "EISDIR"],
  ])("name a file %s", async (_, path, cause) => {
    await expect(bundle({ version: "v1.4.0", manifests: path() })).rejects.toThrow(
      `gatewayApi: the Gateway API's definitions can't be loaded from ${path()} (${cause}`,
    );
  });
});

describe("a manifest", () => {
  const lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
  const old = { ...gateways, spec: { ...gateways.spec, versions: [{ name: "v1beta1", served: true, storage: true }] } };

  it.each([
    [
      "an object of another kind",
      manifest(gateways, classes, { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } }),
      "does not hold the Gateway API's definitions alone: it has Namespace n",
    ],
    [
      "another admission policy",
      manifest(gateways, classes, { ...guard[0], metadata: { name: "deny-all" } }),
      "does not hold the Gateway API's definitions alone: it has ValidatingAdmissionPolicy deny-all",
    ],
    [
      "a list",
      manifest({ apiVersion: "v1", kind: "List", items: [gateways, classes] }),
      "does not hold the Gateway API's definitions alone: it has List without a name",
    ],
    [
      "definitions of an old version",
      manifest({ ...gateways, apiVersion: "apiextensions.k8s.io/v1beta1" }),
      "it has CustomResourceDefinition gateways.gateway.networking.k8s.io, which is incomplete or not of apiextensions.k8s.io/v1",
    ],
    [
      "a definition without versions",
      manifest({ ...gateways, spec: { group: "example.org" } }),
      "it has CustomResourceDefinition gateways.gateway.networking.k8s.io, which is incomplete",
    ],
    [
      "the experimental channel",
      manifest(...needed(of("v1.6.0", "experimental"))),
      "holds the experimental channel of the Gateway API (such as gateways.gateway.networking.k8s.io), and this program installs the " +
        "standard channel: later releases may change or drop experimental fields that objects use. Existing clusters may have the " +
        "experimental channel, installed by somebody else; it is left alone there",
    ],
    [
      "definitions of another API",
      manifest(gateways, classes, definition("inferencepools", "InferencePool", {}, "inference.networking.k8s.io")),
      "has the definition inferencepools.inference.networking.k8s.io, which is not of the API group gateway.networking.k8s.io",
    ],
    ["no Gateways", manifest(classes, routes), "lacks the definition gateways.gateway.networking.k8s.io"],
    ["no classes", manifest(gateways, routes), "lacks the definition gatewayclasses.gateway.networking.k8s.io"],
    [
      "a release before v1.0",
      manifest(old, classes),
      "has the definition gateways.gateway.networking.k8s.io without version v1, which the mesh needs, and releases have from v1.0.0 on",
    ],
    [
      "a definition twice",
      manifest(gateways, classes, gateways),
      "has the definition gateways.gateway.networking.k8s.io twice",
    ],
    [
      "a web page",
      "<!DOCTYPE html><html><body>Sign in</body></html>",
      "is a web page or XML, such as the sign-in page of a proxy",
    ],
    ["a page that is YAML", "<html>", "is a web page or XML"],
    ["broken YAML", `${manifest(gateways)}---\n{ broken`, "is not the YAML of Kubernetes objects"],
    ["plain text", "404: Not Found", "it has something that is no object"],
    ["a pointer of Git LFS", lfs, "is what Git LFS leaves in the place of a file (git lfs pull gets the file)"],
    ["nothing", "", "holds no definitions"],
    ["nothing but comments", "# nothing\n---\n# to see\n", "holds no definitions"],
    ["the admission policy alone", manifest(...guard), "holds no definitions"],
  ])("is refused for %s", (_, text, problem) => {
    const parse = () => parseManifests(text, "the.yaml");
    expect(parse).toThrow(/^gatewayApi: the\.yaml /);
    expect(parse).toThrow(problem);
    expect(parse).toThrow("Point gatewayApi.manifests at a copy of the release's standard-install.yaml.");
  });

  it("is refused for a broken compression", async () => {
    writeFileSync(file, gzipSync(manifest(gateways, classes)).subarray(0, 40));
    await expect(bundle({ manifests: file })).rejects.toThrow("is compressed with gzip, and can't be decompressed");
  });

  it("may have empty documents, a byte order mark, and a status that is not applied", () => {
    const text = `\uFEFF---\n# a licence\n---\n${manifest({ ...gateways, status: { conditions: null } }, classes)}---\n`;
    expect(parseManifests(text, "the.yaml")).toEqual([gateways, classes]);
  });
});

describe("the digest", () => {
  const digest = (text: string) => digestOf(parseManifests(text, "the.yaml"));
  const original = digest(manifest(gateways, classes));

  it("does not count comments, the order of a file or of keys, and quotes", () => {
    const reversed = (value: unknown): unknown =>
      typeof value !== "object" || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, entry]) => [key, reversed(entry)]),
          );
    expect(digest(manifest(classes, gateways))).toBe(original);
    expect(digest(manifest(reversed(gateways) as object, classes))).toBe(original);
    expect(digest(`# a comment\n${manifest(gateways, classes).replaceAll("name: v1", 'name: "v1" # quoted')}`)).toBe(
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
    expect(digest(manifest(changed, classes))).not.toBe(original);
  });

  it("counts a definition more or less", () => {
    expect(digest(manifest(gateways, classes, routes))).not.toBe(original);
  });
});
