import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import { apiServer, engineersAccess } from "../../../kubernetes";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-kubeconfig-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

/** The engineer's own kubeconfig, reduced to a context. */
const engineersKubeconfig = (context: string) => engineersAccess(context).kubeconfig;

describe("the API server of a kubeconfig", () => {
  it("is that of the context, with what signs its certificate", () => {
    const text = kubeconfig(
      { name: "a", server: "https://a:6443", authority: "QUJD" },
      { name: "b", server: "https://b" },
    );
    expect(apiServer(text, "a")).toBe("https://a:6443");
    expect(apiServer(text, "b")).toBe("https://b");
  });

  it("is looked for in vain where the context is missing, or leads nowhere", () => {
    const text = kubeconfig({ name: "a" }, { name: "b" });
    const message = "the kubeconfig for context c has no context c (known: a, b): correct the context's name.";
    expect(() => apiServer(text, "c")).toThrow(message);
    const nowhere = stringify({
      contexts: [{ name: "a", context: { cluster: "gone", user: "a" } }],
      clusters: [],
      users: [],
    });
    expect(() => apiServer(nowhere, "a")).toThrow(
      "the kubeconfig for context a has the context a, whose cluster gone is not in it (clusters: none): add the cluster, or ",
    );
  });

  it.each([
    ["no YAML", "clusters: [a-password"],
    ["YAML with an indentation that is none", "token: a-password\n token: a-password\n"],
    ["a list of nothing that fits", "contexts: [a-password]\nclusters: [a-password]\nusers: [a-password]\n"],
  ])("is refused from %s, and the text is never quoted", (_, text) => {
    const refusal = errorOf(() => apiServer(text, "a"));
    expect(refusal.message).toMatch(
      /^the kubeconfig for context a is not.*\(.*\): replace it with a valid one\.\nSee docs\/\S+$/,
    );
    expect(JSON.stringify(refusal, Object.getOwnPropertyNames(refusal))).not.toContain("a-password");
  });
});

describe("the engineer's own kubeconfig", () => {
  it("is reduced to one context", () => {
    write("config", kubeconfig({ name: "a" }, { name: "b" }));
    vi.stubEnv("KUBECONFIG", join(folder, "config"));
    expect(parse(engineersKubeconfig("b"))).toEqual({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "b",
      contexts: [{ name: "b", context: { cluster: "b", user: "b" } }],
      clusters: [{ name: "b", cluster: { server: "https://b" } }],
      users: [{ name: "b", user: { token: "token of b" } }],
    });
  });

  it("is merged from several files: the first that names a thing wins, and a file that is not there does not matter", () => {
    write("one", kubeconfig({ name: "a", server: "https://first" }));
    write("two", kubeconfig({ name: "a", server: "https://second" }, { name: "b" }));
    vi.stubEnv("KUBECONFIG", ["one", "none", "two"].map((file) => join(folder, file)).join(delimiter));
    expect(apiServer(engineersKubeconfig("a"), "a")).toBe("https://first");
    expect(apiServer(engineersKubeconfig("b"), "b")).toBe("https://b");
  });

  it("may have a context in one file and its cluster in another", () => {
    const [contexts, rest] = [{ contexts: [{ name: "a", context: { cluster: "far", user: "u" } }] }, { contexts: [] }];
    write("one", stringify({ ...contexts, clusters: [], users: [] }));
    write("two", stringify({ ...rest, clusters: [{ name: "far", cluster: { server: "https://far" } }], users: [] }));
    vi.stubEnv("KUBECONFIG", ["one", "two"].map((file) => join(folder, file)).join(delimiter));
    expect(parse(engineersKubeconfig("a"))).toMatchObject({ clusters: [{ name: "far" }], users: [] });
  });

  it.each([undefined, ""])("stands in ~/.kube/config where KUBECONFIG is %j", (value) => {
    mkdirSync(join(folder, ".kube"));
    write(".kube/config", kubeconfig({ name: "home" }));
    vi.stubEnv("HOME", folder);
    vi.stubEnv("KUBECONFIG", value);
    expect(apiServer(engineersKubeconfig("home"), "home")).toBe("https://home");
  });

  it("has its paths made absolute, each from the file that it stands in", () => {
    mkdirSync(join(folder, "sub"));
    const config = {
      contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
      clusters: [{ name: "a", cluster: { server: "https://a", "certificate-authority": "ca.crt" } }],
      users: [
        {
          name: "a",
          user: { "client-certificate": "../crt", "client-key": "/keys/key", tokenFile: "./token" },
        },
      ],
    };
    write("sub/config", stringify(config));
    vi.stubEnv("KUBECONFIG", join(folder, "sub", "config"));
    expect(parse(engineersKubeconfig("a"))).toMatchObject({
      clusters: [{ cluster: { "certificate-authority": join(folder, "sub", "ca.crt") } }],
      users: [
        {
          user: {
            "client-certificate": join(folder, "crt"),
            "client-key": "/keys/key",
            tokenFile: join(folder, "sub", "token"),
          },
        },
      ],
    });
  });

  it("keeps what it does not know: plugins that get credentials, proxies, names of servers", () => {
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      interactiveMode: "Never",
      command: "get-token",
      args: ["--region", "eu"],
    };
    const config = {
      contexts: [{ name: "a", context: { cluster: "a", user: "a", namespace: "n" } }],
      clusters: [{ name: "a", cluster: { server: "https://a", "proxy-url": "socks5://p", "tls-server-name": "s" } }],
      users: [{ name: "a", user: { exec } }],
    };
    write("config", stringify(config));
    vi.stubEnv("KUBECONFIG", join(folder, "config"));
    expect(parse(engineersKubeconfig("a"))).toMatchObject(config);
  });

  it.each([
    ["is empty", ""],
    ["has lost its last context", "contexts: null\nclusters: null\nusers: null\n"],
    ["says nothing of users", "contexts: []\nclusters: []\n"],
  ])("does not mind another file that %s, as kubectl does not", (_, text) => {
    write("one", text);
    write("two", kubeconfig({ name: "a" }));
    vi.stubEnv("KUBECONFIG", ["one", "two"].map((file) => join(folder, file)).join(delimiter));
    expect(apiServer(engineersKubeconfig("a"), "a")).toBe("https://a");
  });

  it("takes a path that is left empty for none", () => {
    const config = {
      contexts: [{ name: "a", context: { cluster: "a" } }],
      clusters: [{ name: "a", cluster: { server: "https://a", "certificate-authority": "" } }],
    };
    write("config", stringify(config));
    vi.stubEnv("KUBECONFIG", join(folder, "config"));
    expect(parse(engineersKubeconfig("a"))).toMatchObject({ clusters: config.clusters, users: [] });
  });

  it("says which contexts there are where the wanted one is missing", () => {
    write("config", kubeconfig({ name: "a" }));
    vi.stubEnv("KUBECONFIG", join(folder, "config"));
    const file = join(folder, "config");
    expect(() => engineersKubeconfig("b")).toThrow(`your own kubeconfig (${file}) has no context b (known: a)`);
    vi.stubEnv("KUBECONFIG", join(folder, "none"));
    expect(() => engineersKubeconfig("b")).toThrow(
      `your own kubeconfig (${join(folder, "none")}) does not exist: set KUBECONFIG to the path of a file that has the context b`,
    );
  });

  it("is refused with the file's name where a file is broken, and without its text", () => {
    write("config", "users: [a-password");
    vi.stubEnv("KUBECONFIG", join(folder, "config"));
    expect(errorOf(() => engineersKubeconfig("a")).message).toBe(
      `${join(folder, "config")} is not the YAML of a kubeconfig (line 1): replace it with a valid one.\n` +
        "See docs/existing-clusters.md#kubeconfigs",
    );
  });
});

interface Context {
  readonly name: string;
  readonly server?: string;
  readonly authority?: string;
}

function kubeconfig(...contexts: readonly Context[]): string {
  return stringify({
    contexts: contexts.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    clusters: contexts.map(({ name, server = `https://${name}`, authority }) => ({
      name,
      cluster: { server, ...(authority !== undefined && { "certificate-authority-data": authority }) },
    })),
    users: contexts.map(({ name }) => ({ name, user: { token: `token of ${name}` } })),
  });
}

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) {
      return error;
    }
  }
  throw new Error("nothing was refused");
}
