import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import { ApiServer, engineersAccess, KubeconfigError, ownAccess } from "../../../kubernetes";
import { certify, privateKeyOf } from "../../support/authorities";
import { FakeApiServer } from "../../support/fake-api-server";

const secret = "a-token-of-somebody";

let folder = "";
let server: FakeApiServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-own-kubeconfig-"));
  server = await FakeApiServer.open();
  server.objects.set("/it", { there: true });
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

interface Parts {
  readonly contexts?: string;
  readonly clusters?: string;
  readonly users?: string;
  readonly rest?: string;
  readonly cluster?: string;
  readonly user?: string;
}

/** The context `here` in block style, with more entries, and other ones of its own. */
function text({ contexts = "", clusters = "", users = "", rest = "", cluster, user = `token: ${secret}` }: Parts = {}) {
  return (
    `apiVersion: v1\nkind: Config\ncurrent-context: here\n` +
    `contexts:\n- name: here\n  context: {cluster: here, user: here}\n${contexts}` +
    `clusters:\n- name: here\n  cluster: {${cluster ?? `server: "${server.url}"`}}\n${clusters}` +
    `users:\n- name: here\n  user: {${user}}\n${users}${rest}`
  );
}

function write(file: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, file), content);
  return join(folder, file);
}

function use(...files: string[]): void {
  vi.stubEnv("KUBECONFIG", files.join(delimiter));
}

/** Root may read every file. */
function asNobody(action: () => void): void {
  const user = process.geteuid?.();
  chmodSync(folder, user === 0 ? 0o700 : 0);
  if (user === 0) {
    process.seteuid?.(65534);
  }
  try {
    action();
  } finally {
    if (user === 0) {
      process.seteuid?.(0);
    }
    chmodSync(folder, 0o700);
  }
}

const asked = async () => (await ApiServer.open(engineersAccess("here"))).get("/it");

function refusal(context = "here"): string {
  try {
    engineersAccess(context);
  } catch (error) {
    expect(error).toBeInstanceOf(KubeconfigError);
    const { sentence } = error as KubeconfigError;
    expect(sentence).not.toContain(secret);
    return sentence;
  }
  throw new Error("nothing was refused");
}

// What kubectl 1.34 does with each of these was tried with `kubectl --kubeconfig FILE --context here get --raw /it`.
describe("what stands beside the wanted context", () => {
  const beside: [string, Parts][] = [
    ["a user that is null", { users: "- name: x\n  user: null\n" }],
    ["a context without a cluster", { contexts: "- name: x\n  context: {user: x}\n" }],
    ["a context that is null", { contexts: "- name: x\n  context: null\n" }],
    ["a context with nothing in it", { contexts: "- name: x\n" }],
    ["a context of nulls", { contexts: "- name: x\n  context: {cluster: null, user: null}\n" }],
    ["an entry that is null", { contexts: "- null\n" }],
    ["an entry without a name", { contexts: "- context: {cluster: here, user: here}\n" }],
    ["a cluster without a server", { clusters: "- name: x\n  cluster: {}\n" }],
    ["a cluster that is null", { clusters: "- name: x\n  cluster: null\n" }],
    ["a cluster with a server that is null", { clusters: "- name: x\n  cluster: {server: null}\n" }],
    ["a doubled key", { rest: "current-context: other\n" }],
    ["a doubled key in another user", { users: "- name: x\n  user: {token: a, token: b}\n" }],
    ["a merge key", { users: "- name: x\n  user: &a {token: a}\n- name: z\n  user:\n    <<: *a\n" }],
    ["a tag", { users: "- name: x\n  user: {token: !vault a}\n" }],
    ["an exec without anything", { users: "- name: x\n  user: {exec: {}}\n" }],
    ["an exec that is null", { users: "- name: x\n  user: {exec: null, auth-provider: null}\n" }],
    ["an auth-provider without a name", { users: "- name: x\n  user: {auth-provider: {}}\n" }],
    ["a plugin that kubectl no longer has", { users: "- name: x\n  user: {auth-provider: {name: gcp}}\n" }],
    ["files that do not exist", { users: "- name: x\n  user: {client-certificate: /none, client-key: /none}\n" }],
    ["two ways to log in", { users: "- name: x\n  user: {token: a, username: b, password: c}\n" }],
    ["unknown fields and preferences", { rest: "preferences: {}\nextensions: [{name: a, extension: {b: 1}}]\nx: 1\n" }],
    ["another document", { rest: "---\n[\n" }],
  ];
  it.each(beside)("does not matter: %s", async (_, parts) => {
    use(write("config", text(parts)));
    expect(await asked()).toEqual({ there: true });
  });

  it.each([
    ["a byte order mark", (one: string) => Buffer.from(`\ufeff${one}`)],
    ["line ends of Windows", (one: string) => Buffer.from(one.replaceAll("\n", "\r\n"))],
    ["line ends of old Macs", (one: string) => Buffer.from(one.replaceAll("\n", "\r"))],
    ["UTF-16 of PowerShell", (one: string) => Buffer.from(`\ufeff${one}`, "utf16le")],
    ["UTF-16 the other way round", (one: string) => Buffer.from(`\ufeff${one}`, "utf16le").swap16()],
    ["version 1.1 of YAML", (one: string) => Buffer.from(`%YAML 1.1\n---\n${one}`)],
  ])("is read with %s", async (_, encode) => {
    use(write("config", encode(text())));
    expect(await asked()).toEqual({ there: true });
  });

  it("is read with the last of two equal keys, as Go reads it", () => {
    const { server: url } = ownAccess(text({ cluster: `server: "https://first", server: "https://last"` }), "it");
    expect(url).toBe("https://last");
  });

  it("is read with what merge keys bring, and the words that YAML 1.1 has for true", () => {
    const config = text({ cluster: `server: "https://a", insecure-skip-tls-verify: yes`, user: "<<: {token: merged}" });
    expect(parse(ownAccess(config, "it").kubeconfig)).toMatchObject({
      clusters: [{ cluster: { "insecure-skip-tls-verify": true } }],
      users: [{ user: { token: "merged" } }],
    });
  });
});

describe("a file that kubectl refuses", () => {
  it.each<[string, Parts, string]>([
    [
      "a token that is a number",
      { users: "- name: far\n  user: {token: 12345}\n" },
      "is not a kubeconfig that kubectl accepts (users[1].user.token of far)",
    ],
    ["a user that is a list", { users: "- name: far\n  user: [1]\n" }, "(users[1].user of far)"],
    ["an entry that is a text", { contexts: "- hello\n" }, "(contexts[1])"],
    [
      "arguments that are none",
      { users: "- name: far\n  user: {exec: {args: x}}\n" },
      "(users[1].user.exec.args of far)",
    ],
    [
      "two entries of one name",
      { clusters: "- name: here\n  cluster: {server: x}\n" },
      "has two clusters with the same name (here), which kubectl does not accept: delete one of the two",
    ],
  ])("for %s is refused by the entry's name", (_, parts, message) => {
    const file = write("config", text(parts));
    use(file);
    expect(refusal()).toContain(message);
    expect(refusal()).toMatch(new RegExp(`^${file} `));
  });

  it.each([
    ["of another kind", "apiVersion: v1\nkind: Pod\n", "(kind)"],
    ["of bytes that are no text", Buffer.from([0xff, 0x80, 0x41, 0xc3]), "is not a text in UTF-8 or UTF-16"],
    ["of a binary", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]), "has a control character in line 1"],
    ["of UTF-16 without a mark", Buffer.from("contexts: []\n", "utf16le"), "has a control character in line 1"],
    ["that is a list", "- a\n", "is not the YAML of a kubeconfig"],
    ["that is a word", "hello\n", "is not the YAML of a kubeconfig"],
    ["with tabs", "contexts:\n\t- a\n", "is not the YAML of a kubeconfig (line 2)"],
  ])("is refused by its name: one %s", (_, content, message) => {
    const [bad, good] = [write("bad", content), write("good", text())];
    use(good, bad);
    expect(refusal()).toContain(`${bad} ${message.startsWith("(") ? "is not a kubeconfig" : message}`);
    expect(refusal()).toContain(message);
  });
});

describe("the files of KUBECONFIG", () => {
  it("may be missing or empty, or named twice", async () => {
    const [config, empty] = [write("config", text()), write("empty", "")];
    use(join(folder, "none"), "", empty, config, config);
    expect(await asked()).toEqual({ there: true });
  });

  it("lead to a context whose parts stand in several of them, each named in a message", () => {
    const contexts = write("contexts", "contexts: [{name: here, context: {cluster: far, user: me}}]\n");
    const clusters = write("clusters", "clusters: [{name: far, cluster: {server: https://far}}]\n");
    const users = write("users", "users: [{name: me, user: {client-certificate: crt}}]\n");
    use(contexts, clusters, users);
    expect(refusal()).toBe(
      `${contexts} and ${clusters} and ${users} has the user me with a client certificate without its key: ` +
        "add client-key or client-key-data.",
    );
  });

  it("are refused by name where one is a folder, or may not be read", () => {
    use(folder);
    expect(refusal()).toBe(`${folder} is a folder, not a kubeconfig: name the file in it in KUBECONFIG.`);
    use(join(write("file", ""), "below"));
    expect(refusal()).toContain("can't be read (ENOTDIR)");
    const config = write("config", text());
    use(config);
    asNobody(() => {
      expect(refusal()).toBe(
        `${config} may not be read by this user (EACCES): correct its permissions (\`chmod\` or \`chown\`), or name another ` +
          "file in KUBECONFIG.",
      );
    });
  });

  it("are not looked for in the home folder by a ~ that no shell has replaced", () => {
    mkdirSync(join(folder, ".kube"));
    write(".kube/config", text());
    vi.stubEnv("HOME", folder);
    use("~/.kube/config");
    expect(refusal()).toBe(
      "your own kubeconfig (~/.kube/config) does not exist: set KUBECONFIG to the path of a file that has the context here: " +
        "a ~ in it stays as it is, unless a shell has replaced it.",
    );
  });

  it("have programs with a path beside them, and others on the PATH", () => {
    const exec = (command: string) => {
      const user = { exec: { apiVersion: "client.authentication.k8s.io/v1beta1", command } };
      use(write("config", text({ user: JSON.stringify(user).slice(1, -1) })));
      return (parse(engineersAccess("here").kubeconfig) as { users: [{ user: typeof user }] }).users[0].user.exec
        .command;
    };
    expect(exec("bin/token")).toBe(join(folder, "bin", "token"));
    expect(exec("./token")).toBe(join(folder, "token"));
    expect(exec("token")).toBe("token");
    expect(exec("/opt/token")).toBe("/opt/token");
  });
});

describe("what the wanted context leads to", () => {
  it("is named by its context, cluster and user where something is missing", () => {
    const of = (content: string) => {
      use(write("config", content));
      return refusal();
    };
    expect(of("contexts: null\nclusters: null\n")).toContain(
      "has no context here (known: none): correct the context's name",
    );
    expect(of(text().replace("cluster: here, user", "cluster: gone, user"))).toContain(
      "has the context here, whose cluster gone is not in it (clusters: here)",
    );
    expect(of(text().replace("cluster: here, user", "user"))).toContain("has the context here without a cluster");
    expect(of(text({ cluster: "server: ''" }))).toContain("has the cluster here without a server");
    expect(of(text({ cluster: "" }))).toContain("has the cluster here without a server");
  });

  it.each([
    ["ftp://here", "scheme"],
    ["https://", "host"],
    ["https://here:99999", "port"],
    [" https://here", "space"],
    ["https://${HOST}:6443", "variable"],
    ["here:6443/path", "path without a scheme"],
    ["unix:///run/api.sock", "file"],
  ])("is refused with a server that kubectl does not take: %s", (url) => {
    use(write("config", text({ cluster: `server: "${url}"` })));
    expect(refusal()).toContain("has the cluster here, whose server is not a URL: write https://HOST:PORT");
  });

  it("may have a server without a scheme: http, or https where something of TLS is set", async () => {
    use(write("config", text({ cluster: `server: "${server.url.replace("http://", "")}"` })));
    expect(await asked()).toEqual({ there: true });
    const secured = `server: "localhost:6443", certificate-authority: ca.crt`;
    expect(ownAccess(text({ cluster: secured }), "it").server).toBe("https://localhost:6443");
    expect(ownAccess(text({ cluster: "server: localhost" }), "it").server).toBe("http://localhost");
  });

  it.each<[string, Parts, string]>([
    [
      "base64",
      { user: "client-certificate-data: '%%', client-key-data: QQ==" },
      "whose client-certificate-data is not base64",
    ],
    [
      "two ways to log in",
      { user: `token: ${secret}, username: u, password: p` },
      "with a token and a password, of which kubectl accepts one",
    ],
    ["groups of nobody", { user: `token: ${secret}, as-groups: [a]` }, "but does not say as whom: add as: USER"],
    [
      "a plugin of Google's",
      { user: "auth-provider: {name: gcp}" },
      "which kubectl no longer has: run `gcloud container",
    ],
    [
      "a plugin of Azure's",
      { user: "auth-provider: {name: azure}" },
      "which kubectl no longer has: run `kubelogin convert-kubeconfig`",
    ],
    [
      "a proxy",
      { cluster: `server: "https://a", proxy-url: "ftp://a"` },
      "whose proxy-url is not one that kubectl supports",
    ],
    [
      "verification",
      { cluster: `server: "https://a", insecure-skip-tls-verify: true, certificate-authority-data: QQ==` },
      "of which kubectl accepts one",
    ],
    [
      "exec without a version",
      { user: "exec: {command: a}" },
      "whose exec has no apiVersion: write client.authentication.k8s.io/v1 or",
    ],
    [
      "exec of an old version",
      { user: "exec: {command: a, apiVersion: client.authentication.k8s.io/v1alpha1}" },
      "an apiVersion that kubectl does not know",
    ],
    [
      "exec without a mode",
      { user: "exec: {command: a, apiVersion: client.authentication.k8s.io/v1}" },
      "whose exec has no interactiveMode",
    ],
    [
      "exec at a terminal",
      { user: "exec: {command: a, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}" },
      "needs a terminal",
    ],
    [
      "exec of nothing",
      { user: "exec: {apiVersion: client.authentication.k8s.io/v1}" },
      "with an exec that has no command",
    ],
  ])("is refused for what kubectl refuses: %s", (_, parts, message) => {
    use(write("config", text(parts)));
    expect(refusal()).toContain(message);
  });

  it("is refused where it is asked for, with a file or a certificate that can't be used", async () => {
    const authority = await certify("here");
    const old = await certify("here", undefined, undefined, new Date("2021-05-04T03:02:01Z"));
    const open = async (cluster: object, user: object) => {
      const parts = {
        contexts: [{ name: "here", context: { cluster: "here", user: "me" } }],
        clusters: [{ name: "here", cluster: { server: "https://127.0.0.1:1", ...cluster } }],
        users: [{ name: "me", user }],
      };
      use(write("config", stringify(parts)));
      return ApiServer.open(engineersAccess("here"));
    };
    const encode = (one: string) => Buffer.from(one).toString("base64");
    const config = join(folder, "config");
    await expect(open({ "certificate-authority": "none.crt" }, {})).rejects.toThrow(
      `no credentials for it: ${config} has the cluster here, whose certificate-authority ${join(folder, "none.crt")} does not exist`,
    );
    await expect(open({ "certificate-authority-data": encode("x") }, {})).rejects.toThrow(
      "certificate authority is not a certificate in PEM",
    );
    await expect(open({}, { tokenFile: "." })).rejects.toThrow("has the user me, whose tokenFile");
    const pair = (one: typeof old, key = one) => ({
      "client-certificate-data": encode(one.pem),
      "client-key-data": encode(privateKeyOf(key)),
    });
    await expect(open({}, pair(old))).rejects.toThrow(
      "has the user me, whose client certificate expired at 2021-05-04T03:02:01.000Z: get a new kubeconfig",
    );
    await expect(open({}, pair(authority, old))).rejects.toThrow("are not PEM that belongs together");
    expect(await open({}, pair(authority))).toBeInstanceOf(ApiServer);
  });

  it("asks as somebody else, with the groups and all", async () => {
    const user = `token: ${secret}, as: jane, as-uid: u, as-groups: [a, b], as-user-extra: {Scopes: [x]}`;
    const options: RequestOptions = {};
    await (await ownAccess(text({ user }), "it").config()).applyToHTTPSOptions(options);
    expect(options.headers).toMatchObject({
      "Impersonate-User": "jane",
      "Impersonate-Uid": "u",
      "Impersonate-Group": ["a", "b"],
      "Impersonate-Extra-scopes": ["x"],
    });
  });
});
