import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  type Access,
  ApiServer,
  foreignAccess,
  foreignKubeconfig,
  KubeconfigError,
  ownAccess,
  reasonOf,
} from "../../../kubernetes";
import { certify, privateKeyOf } from "../../support/authorities";
import { FakeApiServer } from "../../support/fake-api-server";

const password = "a-password";

interface Parts {
  readonly user?: object;
  readonly cluster?: object;
  readonly more?: object;
}

function kubeconfig({ user = {}, cluster = {}, more = {} }: Parts = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "east",
    contexts: [{ name: "east", context: { cluster: "east", user: "reader", namespace: "n" } }],
    clusters: [{ name: "east", cluster: { server: "https://east.example:6443", ...cluster } }],
    users: [{ name: "reader", user: { token: password, ...user } }],
    ...more,
  });
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** What is refused of a text, by both ways in unless only somebody else's is closed to it. */
function refusalOf(
  text: string,
  read: (text: string) => unknown = (one) => foreignKubeconfig(one, "Secret a/b"),
): string {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(KubeconfigError);
    expect(inspect(error, { depth: 9 })).not.toContain(password);
    return (error as Error).message;
  }
  throw new Error("it was taken");
}

describe("a kubeconfig of somebody else", () => {
  it("is written anew of what says who asks whom, the same way every time", () => {
    const text = kubeconfig({
      cluster: { "certificate-authority-data": "QUJD\nRA==", "tls-server-name": "east", extensions: [{ name: "x" }] },
      user: { username: "reader", password },
      more: { preferences: { colors: true } },
    });
    const rebuilt = foreignKubeconfig(text, "Secret a/b");
    expect(JSON.parse(rebuilt)).toEqual({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "east",
      contexts: [{ name: "east", context: { cluster: "east", user: "east" } }],
      clusters: [
        {
          name: "east",
          cluster: {
            server: "https://east.example:6443",
            "certificate-authority-data": "QUJDRA==",
            "tls-server-name": "east",
          },
        },
      ],
      users: [{ name: "east", user: { token: password, username: "reader", password } }],
    });
    expect(foreignKubeconfig(rebuilt, "Secret a/b")).toBe(rebuilt);
  });

  it.each([
    ["exec", { user: { exec: { command: "sh" } } }, "exec, which would run a program"],
    ["exec without a command", { user: { exec: {} } }, "exec, which would run a program"],
    ["a provider", { user: { "auth-provider": { name: "gcp", config: { "cmd-path": "sh" } } } }, "auth-provider"],
    ["a token's file", { user: { tokenFile: "/etc/shadow" } }, "tokenFile, which would read a file"],
    ["a token's file by its other name", { user: { "token-file": "/etc/shadow" } }, "token-file"],
    ["a certificate's file", { user: { "client-certificate": "/etc/shadow" } }, "client-certificate"],
    ["a key's file", { user: { "client-key": "/etc/shadow" } }, "client-key, which would read"],
    ["an authority's file", { cluster: { "certificate-authority": "/etc/shadow" } }, "certificate-authority, which"],
    ["no verification", { cluster: { "insecure-skip-tls-verify": true } }, "which would trust any server"],
    ["another user", { user: { as: "system:admin" } }, "as, which would act as somebody else"],
    ["other groups", { user: { "as-groups": ["system:masters"] } }, "as-groups"],
    ["a server that is a file", { cluster: { server: "file:///etc/shadow" } }, "an invalid server"],
    ["a server with a command", { cluster: { server: "https://x/$(id)" } }, "an invalid server"],
    ["a server with a password", { cluster: { server: "https://a:b@x" } }, "an invalid server"],
    ["a server with a line end", { cluster: { server: "https://x\n--insecure" } }, "an invalid server"],
    ["a proxy that is none", { cluster: { "proxy-url": "file:///x" } }, "an invalid proxy-url"],
    ["a token of two headers", { user: { token: "a\r\nX-Remote-User: root" } }, "an invalid token"],
    [
      "an authority that is none",
      { cluster: { "certificate-authority-data": "-----BEGIN" } },
      "an invalid certificate-authority-data",
    ],
    [
      "a second user with a program",
      { more: { users: [{ name: "reader" }, { name: "x", user: { exec: { command: "sh" } } }] } },
      "exec",
    ],
    ["a context that is not there", { more: { "current-context": "west" } }, "no context west"],
    ["no current context", { more: { "current-context": null } }, "no current context"],
    ["a name of an object's own", { more: { "current-context": "constructor" } }, "no context constructor"],
    [
      "two users of one name",
      { more: { users: [{ name: "reader" }, { name: "reader" }] } },
      "two users with the same name",
    ],
  ])("is refused with %s, by name", (_, parts, message) => {
    const refusal = refusalOf(kubeconfig(parts));
    expect(refusal).toMatch(/^Secret a\/b /);
    expect(refusal).toContain(message);
  });

  it.each([
    ["", null],
    [false, ""],
  ])("may have fields that say nothing (%j, %j)", (one, other) => {
    const user = { tokenFile: other, as: other, exec: null };
    expect(
      foreignKubeconfig(
        kubeconfig({ user, cluster: { "insecure-skip-tls-verify": one === false ? false : null } }),
        "it",
      ),
    ).toContain(password);
  });
});

describe("a text that readers of YAML understand differently", () => {
  const laughs = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 10; level++) {
    const [own, below] = ["abcdefghij"[level] ?? "", "abcdefghij"[level - 1] ?? ""];
    laughs.push(`${own}: &${own} [${Array.from({ length: 9 }, () => `*${below}`).join(", ")}]`);
  }
  const user = (lines: string) =>
    `current-context: east\ncontexts: [{name: east, context: {cluster: east, user: reader}}]\n` +
    `clusters: [{name: east, cluster: {server: "https://east"}}]\nusers:\n- name: reader\n  user:\n    token: ${password}\n${lines}`;
  const texts: [string, string, string | RegExp][] = [
    ["a merge key in quotes", user(`    "<<": {exec: {command: sh}}\n`), "merge key"],
    ["a tag of another YAML", user("    as-groups: !!set {a}\n"), "not the YAML"],
    ["a tag of a language", user("    as: !!js/function 'function(){}'\n"), "not the YAML"],
    ["a key that is a list", user("    ? [a]\n    : b\n"), "not the YAML"],
    ["a prototype", user("    __proto__: {exec: {command: sh}}\n"), "__proto__"],
    [
      "a prototype in JSON",
      kubeconfig().replace('"token"', '"__proto__":{"exec":{"command":"sh"}},"token"'),
      "__proto__",
    ],
    ["a NUL", user(`    username: "a\0b"\n`), "control character in line 8"],
    ["an escape for the terminal", `\u001b[2J${user("")}`, "control character in line 1"],
    ["ten million bytes", `${user("")}# ${"x".repeat(10_000_000)}`, "longer than any kubeconfig"],
    ["anchors that repeat each other", `${laughs.join("\n")}\n${user("")}`, "not the YAML"],
    ["an anchor in itself", `x: &x [*x]\n${user("")}`, /not the YAML|deeper/],
    ["lists without end", "[".repeat(500_000), "nested deeper"],
    ["lists in a line", "- ".repeat(500_000), "nested deeper"],
    ["lists as far as they are counted", "[".repeat(19_000), /not the YAML|deeper/],
    [
      "maps in each other",
      Array.from({ length: 1300 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
      /not the YAML|deeper/,
    ],
    [
      "keys without end",
      Array.from({ length: 100_000 }, (_, key) => `k${String(key)}: 1`).join("\n"),
      "current context",
    ],
    [
      "anchors without end",
      Array.from({ length: 40_000 }, (_, key) => `k${String(key)}: &a${String(key)} 1`).join("\n"),
      /no /,
    ],
    ["quotes without end", `a: ${'"\\"'.repeat(150_000)}`, "not the YAML"],
    ["values too deep", user(`    as: ${"[".repeat(40)}${"]".repeat(40)}\n`), "nested deeper"],
    ["a list", "[]", "not the YAML"],
    ["a text", password, "not the YAML"],
  ];
  it.each(texts)("is refused with %s, whoever has given it", (_, text, message) => {
    const start = performance.now();
    // Of others nothing is read that is longer than what one cluster takes.
    const long = Buffer.byteLength(text) > 64 * 1024;
    expect(refusalOf(text)).toMatch(long ? "longer than any kubeconfig (64 KiB)" : message);
    expect(refusalOf(text, (one) => ownAccess(one, "it"))).toMatch(message);
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  const execOf = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: sh}";
  const foreignTexts: [string, string, string | RegExp][] = [
    ["a merge key", user(`    <<: {${execOf}}\n`), "merge key"],
    ["a merge key of an anchor", `x: &x {${execOf}}\n${user("    <<: *x\n")}`, "merge key"],
    ["a tag that is not known", user(`    as: !secret ${password}\n`), /not the YAML of a kubeconfig \(line 8\)/],
    ["a doubled key", user(`    token: ${password}\n`), "has a duplicate key (line 8)"],
    ["another version", `%YAML 1.1\n---\n${user("    as: 'yes'\n")}`, "directives"],
    ["another document", `${user("")}---\n${user(`    ${execOf}\n`)}`, "several YAML documents"],
  ];
  it.each(foreignTexts)("is refused with %s, unless it is the engineer's own", (_, text, message) => {
    expect(refusalOf(text)).toMatch(message);
    expect(ownAccess(text, "it").kubeconfig).toContain(password);
  });

  it.each([
    ["with a byte order mark", `\ufeff${user("")}`],
    ["with line ends of Windows", user("").replaceAll("\n", "\r\n")],
    ["in JSON", kubeconfig()],
    ["with an anchor", `x: &t ${password}\n${user("").replace(`token: ${password}`, "token: *t")}`],
  ])("is taken %s", (_, text) => {
    expect(JSON.parse(foreignKubeconfig(text, "it"))).toMatchObject({ users: [{ user: { token: password } }] });
    expect(ownAccess(text, "it").kubeconfig).toContain(password);
  });
});

describe("the way that a kubeconfig gives", () => {
  let folder = "";
  let server: FakeApiServer;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "flatmesh-access-"));
    server = await FakeApiServer.open();
    server.objects.set("/it", { there: true });
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const asked = async (access: Access) => (await ApiServer.open(access)).get("/it");
  const made = () => join(folder, "made");
  const text = (user: object) => kubeconfig({ user, cluster: { server: server.url } });
  const program = () => ({
    apiVersion: "client.authentication.k8s.io/v1",
    command: "sh",
    interactiveMode: "Never",
    args: ["-c", `echo made > '${made()}'; exit 1`],
  });

  it("runs the engineer's own programs, and nobody else's", async () => {
    await expect(asked(ownAccess(text({ token: null, exec: program() }), "it"))).rejects.toThrow(
      "no credentials for it",
    );
    expect(existsSync(made())).toBe(true);
    rmSync(made());
    expect(() => foreignAccess(text({ exec: program() }), "it")).toThrow(KubeconfigError);
    expect(await asked(ownAccess(text({ exec: undefined }), "it").as({ user: { token: "t" } }))).toEqual({
      there: true,
    });
    expect(existsSync(made())).toBe(false);
  });

  it("has the token of a file, as kubectl prefers it", async () => {
    writeFileSync(join(folder, "token"), "from-the-file\n");
    const access = ownAccess(text({ tokenFile: join(folder, "token") }), "it");
    expect((await access.config()).getCurrentUser()?.token).toBe("from-the-file");
    await expect(ApiServer.open(ownAccess(text({ tokenFile: join(folder, "none") }), "it"))).rejects.toThrow(
      /the user reader, whose tokenFile \S+none does not exist/,
    );
  });

  it("prefers data to files, as kubectl does", async () => {
    const authority = await certify("reader");
    const [certificate, key] = [authority.pem, privateKeyOf(authority)];
    const user = {
      "client-certificate-data": encoded(certificate),
      "client-certificate": "/none",
      "client-key-data": encoded(key),
      "client-key": "/none",
    };
    const cluster = { "certificate-authority-data": encoded(certificate), "certificate-authority": "/none" };
    const config = await ownAccess(kubeconfig({ user, cluster }), "it").config();
    expect(config.getCurrentUser()).toMatchObject({ certData: encoded(certificate), keyData: encoded(key) });
    expect(config.getCurrentCluster()).toMatchObject({ caData: encoded(certificate) });
  });

  it("is not printed with what holds it", () => {
    const access = ownAccess(text({}), "it");
    expect(inspect({ access }, { depth: 9, showHidden: true })).not.toContain(password);
    expect(JSON.stringify({ access })).not.toContain(password);
  });

  it("quotes texts that older readers take for something else", () => {
    const { kubeconfig: written } = ownAccess(
      kubeconfig({ user: { token: null, username: "yes", password: "12:30" } }),
      "it",
    );
    expect(written).toContain('username: "yes"');
    expect(parse(written, { version: "1.1" })).toEqual(parse(written));
  });
});

it("takes an engineer's own kubeconfig of a thousand contexts with certificates in it", () => {
  const names = Array.from({ length: 1000 }, (_, index) => `c${String(index)}`);
  const data = Buffer.from("x".repeat(4000)).toString("base64");
  const text = JSON.stringify({
    "current-context": "c999",
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
    clusters: names.map((name) => ({
      name,
      cluster: { server: `https://${name}`, "certificate-authority-data": data.slice(0, 2000) },
    })),
    users: names.map((name) => ({ name, user: { "client-certificate-data": data, "client-key-data": "QQ==" } })),
  });
  expect(ownAccess(text, "it").server).toBe("https://c999");
});

it("quotes nothing of what a program for credentials prints that is none", () => {
  let error: unknown;
  try {
    JSON.parse(`${password} `);
  } catch (caught) {
    error = caught;
  }
  expect(reasonOf(error)).toBe("expected JSON, but could not parse it");
});
