import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { judgeManifests, readManifests } from "../../../../preflight/manifests/read";
import { existing, parse } from "../../settings/config";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-manifests-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const configMap = (name: string, more = "") => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;

/** Writes files, and reads what the settings name of them. */
async function read(
  files: Readonly<Record<string, string | Uint8Array>>,
  manifests: readonly unknown[] = ["."],
  more = {},
) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const clusters = [existing("a"), existing("b")];
  const settings = parse({ clusters, manifests, ...more });
  const absolute = settings.manifests.map((one) => ({ ...one, path: join(folder, one.path) }));
  const { value, problems } = judgeManifests(await readManifests({ manifests: absolute }), settings);
  return { value, problems, faults: problems.map(({ message }) => message.replaceAll(folder, "")).join("\n") };
}

async function namesIn(...args: Parameters<typeof read>): Promise<readonly string[]> {
  const { value, faults } = await read(...args);
  expect(faults).toBe("");
  return (value.get("a") ?? []).map(({ object }) => object.metadata.name);
}

describe("files", () => {
  it("of a folder are read in the order of their names, and those of folders inside are not", async () => {
    const files = {
      "b.yml": configMap("b"),
      "a.yaml": configMap("a"),
      "c.json": JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" } }, null, "\t"),
      "notes.txt": "no manifest",
      "deeper/d.yaml": configMap("d"),
    };
    expect(await namesIn(files)).toEqual(["a", "b", "c"]);
  });

  it("may have many documents, empty ones, and lists", async () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${configMap("k").replaceAll("\n", "\n  ")}\n- ${configMap("l").replaceAll("\n", "\n  ")}`;
    const text = `# a comment\n---\n${configMap("a")}---\n---\n# nothing\n---\n${list}\n---\n${configMap("z")}`;
    expect(await namesIn({ "a.yaml": text }, ["a.yaml"])).toEqual(["a", "k", "l", "z"]);
  });

  it("may be symbolic links", async () => {
    writeFileSync(join(folder, "real.txt"), configMap("a"));
    symlinkSync(join(folder, "real.txt"), join(folder, "link.yaml"));
    expect(await namesIn({})).toEqual(["a"]);
  });

  it("go to the clusters that are named", async () => {
    const files = { "a.yaml": configMap("a"), "b.yaml": configMap("b") };
    const { value } = await read(files, ["a.yaml", { path: "b.yaml", clusters: ["b"] }]);
    expect([...value].map(([name, objects]) => [name, objects.length])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  it.each<[string, Readonly<Record<string, string | Uint8Array>>, string, RegExp]>([
    ["are missing", {}, "none.yaml", /none\.yaml does not exist/],
    ["are none", { "sub/x.txt": "" }, "sub", /sub has no \.yaml, \.yml or \.json file: correct the path/],
    ["have another name", { "a.txt": configMap("a") }, "a.txt", /a\.txt is not a \.yaml, \.yml or \.json file/],
    ["are for Kustomize", { "kustomization.yaml": "resources: []" }, ".", /kubectl kustomize/],
    [
      "are for Kustomize themselves",
      { "kustomization.yml": "resources: []" },
      "kustomization.yml",
      /kubectl kustomize/,
    ],
    ["are a Helm chart", { "Chart.yaml": "name: x" }, ".", /is a Helm chart: .*helm template/],
    ["are no UTF-8", { "a.yaml": Uint8Array.of(0xff, 0xfe, 0x61, 0x00) }, "a.yaml", /is not UTF-8 text/],
    ["are no YAML", { "a.yaml": "a: [1" }, "a.yaml", /a\.yaml, line \d is not valid YAML/],
    ["have a tab", { "a.yaml": "a:\n\tb: 1" }, "a.yaml", /line 2 is indented by a tab/],
    ["have a key twice", { "a.yaml": `${configMap("a")}kind: Secret\n` }, "a.yaml", /line 5 has a key twice/],
    ["are a web page", { "a.yaml": "<html><body>a: b: c</body></html>" }, "a.yaml", /is a web page|is not an object/],
    ["are templates", { "a.yaml": configMap("{{ .Release.Name }}") }, "a.yaml", /line 4 has a template/],
    [
      "have a template's loop",
      { "a.yaml": `{{- if .Values.x }}\n${configMap("a")}{{- end }}\n` },
      "a.yaml",
      /has a template/,
    ],
    ["are endless", { "a.yaml": "a: &a [x, *a]" }, "a.yaml", /aliases|is not an object|has no/],
  ])("are refused that %s", async (_, files, path, fault) => {
    expect((await read(files, [path])).faults).toMatch(fault);
  });

  it("are refused that lead to themselves", async () => {
    symlinkSync(join(folder, "a.yaml"), join(folder, "a.yaml"));
    expect((await read({}, ["a.yaml"])).faults).toMatch(/leads to itself/);
    expect((await read({})).faults).toMatch(/leads to itself/);
  });
});

describe("objects", () => {
  it("are as Kubernetes' tools read them: YAML 1.1, without what an API server fills in", async () => {
    const text = `
apiVersion: v1
kind: ConfigMap
metadata: {name: a, uid: x, resourceVersion: "1", creationTimestamp: null, labels: {b: "yes"}}
immutable: yes
data: {time: 12:30, day: 2026-01-01, mode: "0644", empty: ""}
status: {}
`;
    const { value } = await read({ "a.yaml": text });
    expect(value.get("a")?.map(({ object }) => object)).toEqual([
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "a", namespace: "default", labels: { b: "yes" } },
        immutable: true,
        data: { time: "12:30", day: "2026-01-01", mode: "0644", empty: "" },
      },
    ]);
  });

  it("that are in no namespace have none, whatever the file says", async () => {
    const text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x, namespace: z}\n";
    const { value } = await read({ "a.yaml": text });
    expect(value.get("a")?.[0]?.object.metadata).toEqual({ name: "x" });
  });

  it("of a definition among the manifests are where it says", async () => {
    const definition = (scope: string) =>
      `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x.e.com}\nspec: {group: e.com, scope: ${scope}, names: {kind: X}}\n`;
    const text = (scope: string) => `apiVersion: e.com/v1\nkind: X\nmetadata: {name: x}\n---\n${definition(scope)}`;
    const places = async (scope: string) =>
      (await read({ "a.yaml": text(scope) })).value.get("a")?.[0]?.object.metadata;
    expect(await places("Namespaced")).toEqual({ name: "x", namespace: "default" });
    expect(await places("Cluster")).toEqual({ name: "x" });
  });

  it.each([
    ["no kind", "apiVersion: v1\nmetadata: {name: a}\n", /line 1 has no kind: add it/],
    ["nothing of an object", "replicas: 3\nimage: x\n", /has no apiVersion and no kind and no metadata/],
    ["a text", "just text\n", /is not an object of Kubernetes/],
    ["no name", "apiVersion: v1\nkind: Secret\nmetadata: {labels: {a: b}}\n", /\(Secret\) has no metadata\.name/],
    ["a made name", "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n", /generateName, by which each update/],
    [
      "a number as its name",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: 1}\n",
      /takes for a number: put it in quotes/,
    ],
    ["an impossible name", "apiVersion: v1\nkind: Pod\nmetadata: {name: a/b}\n", /that no object can have/],
    [
      "a boolean label",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {b: yes}}\n",
      /labels "b" .* boolean: put it/,
    ],
    ["a strange apiVersion", "apiVersion: apps\nkind: Pod\nmetadata: {name: a}\n", /apiVersion that is none/],
    ["a strange kind", "apiVersion: v1\nkind: pod\nmetadata: {name: a}\n", /kind that is none/],
    ["sops", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nsops: {mac: x}\n", /encrypted by sops/],
    ["no number", "apiVersion: e.com/v1\nkind: X\nmetadata: {name: a}\nspec: {b: .nan}\n", /spec\.b that is no number/],
    [
      "bytes",
      "apiVersion: v1\nkind: X\nmetadata: {name: a}\nspec: {b: !!binary aGk=}\n",
      /spec\.b that JSON has none for/,
    ],
  ])("are refused with %s", async (_, text, fault) => {
    expect((await read({ "a.yaml": text })).faults).toMatch(fault);
  });

  it("are refused twice, with both places, also where the version of the API differs", async () => {
    const one =
      "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: istio-system}\n";
    const { faults } = await read({ "a.yaml": one, "b.yaml": `---\n${one.replace("/v1", "/v1beta1")}` });
    expect(faults).toContain(
      "/b.yaml, line 2: PeerAuthentication istio-system/default is in /a.yaml, line 1 already. Keep one of the two.",
    );
  });

  it("may be in two files for different clusters", async () => {
    const files = { "a.yaml": configMap("x"), "b.yaml": configMap("x") };
    const manifests = ["a", "b"].map((name) => ({ path: `${name}.yaml`, clusters: [name] }));
    expect((await read(files, manifests)).problems).toEqual([]);
  });

  it("are refused all together, and nothing of a Secret is shown", async () => {
    const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter2\n`;
    const { problems, faults } = await read({ "a.yaml": text, "b.yaml": "x: 1", "c.yaml": configMap("1") });
    expect(problems).toHaveLength(1);
    expect(faults.split("\n")).toHaveLength(4);
    expect(faults).not.toContain("hunter2");
  });
});

describe("what others make", () => {
  const object = (apiVersion: string, kind: string, metadata: object) => JSON.stringify({ apiVersion, kind, metadata });
  const system = { namespace: "istio-system" };

  it.each<[string, string, RegExp]>([
    [
      "the mesh's namespace",
      object("v1", "Namespace", { name: "istio-system" }),
      /is made by the stack, with the labels/,
    ],
    ["a namespace of Kubernetes", object("v1", "Namespace", { name: "default" }), /is in every cluster/],
    ["the demo's namespace", object("v1", "Namespace", { name: "demo" }), /demo: false/],
    ["the demo's Service", object("v1", "Service", { name: "global-service", namespace: "demo" }), /part of the demo/],
    [
      "istiod's certificates",
      object("v1", "Secret", { name: "cacerts", ...system }),
      /what istiod signs with.*set root/,
    ],
    [
      "a remote Secret",
      object("v1", "Secret", { name: "x", ...system, labels: { "istio/multiCluster": "true" } }),
      /set links/,
    ],
    [
      "a peer's Gateway",
      object("gateway.networking.k8s.io/v1", "Gateway", { name: "istio-remote-peer-z", namespace: "istio-eastwest" }),
      /Gateway of the peering/,
    ],
    ["istiod", object("apps/v1", "Deployment", { name: "istiod", ...system }), /made by Helm release istiod/],
    [
      "a chart's role",
      object("rbac.authorization.k8s.io/v1", "ClusterRole", { name: "ztunnel" }),
      /Helm release ztunnel/,
    ],
    [
      "a definition of Istio's",
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition", { name: "telemetries.telemetry.istio.io" }),
      /Istio's base chart/,
    ],
    [
      "a definition of the Gateway API",
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition", { name: "gateways.gateway.networking.k8s.io" }),
      /set gatewayApi/,
    ],
    [
      "a root that is copied",
      object("v1", "ConfigMap", { name: "istio-ca-root-cert", namespace: "x" }),
      /by a controller/,
    ],
    [
      "an entry of a peer",
      object("networking.istio.io/v1", "ServiceEntry", { name: "autogen.a.b", ...system }),
      /by istiod/,
    ],
  ])("is refused: %s", async (_, text, fault) => {
    const { faults } = await read({ "a.json": text }, ["."], { demo: true });
    expect(faults).toMatch(fault);
    expect(faults).toMatch(/\/a\.json, line 1: /);
  });

  it("is refused: the account by which other clusters read this one", async () => {
    const text = object("v1", "ServiceAccount", { name: "istio-remote-reader", ...system });
    const { faults } = await read({ "a.json": text }, ["."], {
      distribution: "community",
      license: undefined,
      repoKey: undefined,
    });
    expect(faults).toMatch(/is made by the stack itself/);
  });

  it("is refused: the licence, which istiod needs before", async () => {
    const text = object("v1", "Secret", { name: "solo-license", ...system });
    const { faults } = await read({ "a.json": text }, ["."], {
      license: undefined,
      licenseSecretRef: { name: "solo-license" },
    });
    expect(faults).toMatch(/reads its licence from, before manifests are applied/);
  });

  it("may have neighbours of the same name in other groups and places", async () => {
    const text = [
      object("security.istio.io/v1", "PeerAuthentication", { name: "default", ...system }),
      object("v1", "Namespace", { name: "demo" }),
      object("v1", "Secret", { name: "cacerts", namespace: "other" }),
      object("apps/v1", "Deployment", { name: "istiod", namespace: "other" }),
    ].join("\n---\n");
    expect((await read({ "a.yaml": text })).faults).toBe("");
  });
});
