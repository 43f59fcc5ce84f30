import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { fromStack } from "../../../checks";
import { exportKubeconfig, type Request } from "../../../kubeconfig/export";

const secretMark = "4dabf18193072939515e22adb298388d";
const password = "a-password";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-export-"));
  vi.stubEnv("PATH", [folder, process.env["PATH"]].join(delimiter));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

function kubeconfig(...contexts: readonly string[]): string {
  return JSON.stringify({
    "current-context": contexts[0],
    contexts: contexts.map((name) => ({ name, context: { cluster: name, user: name } })),
    clusters: contexts.map((name) => ({ name, cluster: { server: `https://${name}.example` } })),
    users: contexts.map((name) => ({ name, user: { token: `${password} of ${name}`.replaceAll(" ", "-") } })),
  });
}

/** A `pulumi` that knows one stack, as Pulumi's CLI prints its state and outputs. */
function play(resources: readonly object[], outputs: object = {}): void {
  writeFileSync(join(folder, "state.json"), JSON.stringify({ version: 3, deployment: { resources } }));
  writeFileSync(join(folder, "outputs.json"), JSON.stringify(outputs));
  const script = `#!/bin/sh\ncase "$*" in\n*export*--show-secrets*) cat '${folder}/state.json' ;;\n*--show-secrets*) exit 9 ;;\n*output*) cat '${folder}/outputs.json' ;;\nesac\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o700 });
}

function resource(type: string, name: string, outputs: object): object {
  return { urn: `urn:pulumi:dev::flatmesh::${type}::${name}`, type, outputs };
}

const secret = (text: string) => ({
  [secretMark]: "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(text),
});

const made = resource("flatmesh:clusters:KindCluster", "a-0123abcd", {
  kubeconfig: secret(kubeconfig("kind-a")),
  context: "kind-a",
});
/** As a version that registered no context has left it, with the provider beside. */
const found = resource("flatmesh:clusters:ExistingCluster", "b", { kubeconfig: secret(kubeconfig("first", "second")) });
const provider = resource("pulumi:providers:kubernetes", "b", { context: "second" });
const other = resource("kubernetes:core/v1:Secret", "a-0123abcd-x", { kubeconfig: secret(kubeconfig("x")) });

const ask = (request: Partial<Request>) => exportKubeconfig({ folder, stack: "dev", rehearsal: false, ...request });

describe("npm run kubeconfig", () => {
  beforeEach(() => {
    play([other, made, found, provider]);
  });

  it("lists the clusters, without a word of their kubeconfigs", async () => {
    expect(await ask({})).toBe("a\nb\n");
  });

  it("prints that of one cluster, of one context", async () => {
    expect(parse(await ask({ cluster: "a" }))).toMatchObject({
      "current-context": "kind-a",
      users: [{ user: { token: "a-password-of-kind-a" } }],
    });
    const text = await ask({ cluster: "b" });
    expect(parse(text)).toMatchObject({ "current-context": "second", contexts: [{ name: "second" }] });
    expect(text).not.toContain("first");
  });

  it.each([
    ["none", () => undefined],
    [
      "one that everybody may read",
      (file: string) => {
        writeFileSync(file, "old", { mode: 0o644 });
        chmodSync(file, 0o644);
      },
    ],
    [
      "a link",
      (file: string) => {
        writeFileSync(`${file}.aim`, "kept", { mode: 0o644 });
        symlinkSync(`${file}.aim`, file);
      },
    ],
  ])("writes it where only its owner reads it, in the place of %s", async (_, prepare) => {
    const file = join(folder, "out");
    prepare(file);
    expect(await ask({ cluster: "a", file })).not.toContain(password);
    expect(lstatSync(file).isFile()).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toContain(password);
    if (_ === "a link") {
      expect(readFileSync(`${file}.aim`, "utf8")).toBe("kept");
    }
  });

  it("says what it can't do", async () => {
    await expect(ask({ cluster: "c" })).rejects.toThrow("has no cluster c, or has never completed it. It has: a, b.");
    await expect(ask({ cluster: "constructor" })).rejects.toThrow("has no cluster constructor");
    await expect(ask({ file: "x" })).rejects.toThrow("--file is for one cluster");
    await expect(ask({ cluster: "a", file: join(folder, "none", "x") })).rejects.toThrow(/can't be written: ENOENT/);
    await expect(ask({ rehearsal: true })).rejects.toThrow("There is no rehearsal of stack dev");
    writeFileSync(join(folder, "pulumi"), "#!/bin/sh\necho 'error: incorrect passphrase' >&2\nexit 1\n", {
      mode: 0o700,
    });
    await expect(ask({})).rejects.toThrow(/state of stack dev.*can't be read: incorrect passphrase/);
  });

  it("gives nobody the service account of the pod that runs Pulumi, whose files only that has", async () => {
    const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    const pod = kubeconfig("in-cluster").replace(/"token":"[^"]*"/, `"tokenFile":"${tokenFile}"`);
    play([resource("flatmesh:clusters:ExistingCluster", "b", { kubeconfig: secret(pod), context: "in-cluster" })]);
    await expect(ask({ cluster: "b" })).rejects.toThrow(
      /^Cluster b is reached by the service account of the pod that runs Pulumi \(kubeconfig: in-cluster\)/,
    );
  });

  it("takes none of a cluster's own making that runs a program", async () => {
    const exec = kubeconfig("kind-a").replace('"token":', '"exec":{"command":"sh"},"token":');
    play([resource("flatmesh:clusters:KindCluster", "a-0123abcd", { kubeconfig: secret(exec) })]);
    await expect(ask({ cluster: "a" })).rejects.toThrow(
      /cluster a in the stack's state has the field exec, which would run/,
    );
  });

  it("has those of a rehearsal in its folder", async () => {
    mkdirSync(join(folder, ".flatmesh", "dev"), { recursive: true });
    writeFileSync(join(folder, ".flatmesh", "dev", "a.kubeconfig"), kubeconfig("kwok-a"), { mode: 0o600 });
    expect(await ask({ rehearsal: true })).toBe("a\n");
    // Without the option a deployed stack is meant; whoever has only rehearsed it is told.
    writeFileSync(join(folder, "pulumi"), "#!/bin/sh\nexit 1\n", { mode: 0o700 });
    await expect(ask({})).rejects.toThrow(/stack dev.*can't be read.*add --rehearsal/s);
    expect(await ask({ rehearsal: true, cluster: "a" })).toContain("kwok-a");
  });
});

it("npm run check takes the ways to a stack's clusters from its state, and asks for no secret output", async () => {
  const cluster = { network: "n", trustDomain: "cluster.local" };
  play([made, found, provider], { clusters: { a: cluster, b: cluster, c: cluster } });
  const { mesh } = await fromStack(folder, "dev", false);
  expect(mesh.clusters.map(({ name, access }) => [name, access?.server])).toEqual([
    ["a", "https://kind-a.example"],
    ["b", "https://second.example"],
    ["c", undefined],
  ]);
  await expect(mesh.clusters[2]?.nodes()).rejects.toThrow(
    "the stack's state has no kubeconfig of cluster c: run pulumi up.",
  );
});
