import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findChart, provideChart, type ChartRegistry } from "../../../registry";
import { type FakeRegistry, fakeRegistry } from "../../support/fake-registry";
import { connectProxy } from "../../support/proxies";

const content = "a packaged chart";
const login = "anna:pass:word";
const settings = { username: "anna", password: "pass:word" };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-test-"));
  // Nobody's own logins.
  vi.stubEnv("HELM_CONFIG_HOME", join(folder, "helm"));
  vi.stubEnv("DOCKER_CONFIG", join(folder, "docker"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const pull = async ({ host, ca }: FakeRegistry, registry: ChartRegistry = {}, chart = "base") => {
  const file = await provideChart({ chart: `oci://${host}/charts/${chart}`, version: "1.31.0" }, { ca, ...registry });
  return readFileSync(file, "utf8");
};

/** Writes the file of a login, of Helm or Docker. */
function loginFile(tool: "helm" | "docker", text: unknown): string {
  const place = tool === "helm" ? join(folder, "helm", "registry") : join(folder, "docker");
  mkdirSync(place, { recursive: true });
  const file = join(place, "config.json");
  writeFileSync(file, typeof text === "string" ? text : JSON.stringify(text));
  return file;
}

const auth = (text: string) => ({ auth: Buffer.from(text).toString("base64") });

describe("a chart", () => {
  it("that is a file is taken as it is", async () => {
    const file = join(folder, "base-1.31.0.tgz");
    await expect(provideChart({ chart: file, version: "1.31.0" })).rejects.toThrow(/base-1\.31\.0\.tgz does not exist/);
    writeFileSync(file, content);
    expect(await provideChart({ chart: file, version: "1.31.0" })).toBe(file);
    await findChart({ chart: file, version: "1.31.0" });
  });

  it("of a registry is pulled once, and its file has what the registry promises", async () => {
    await using registry = await fakeRegistry(content);
    expect(await pull(registry)).toBe(content);
    const { length } = registry.asked;
    expect(await pull(registry)).toBe(content);
    expect(registry.asked.length).toBe(length);
    await using corrupt = await fakeRegistry(content, { corrupt: "something else" });
    await expect(pull(corrupt)).rejects.toThrow(/does not have the digest that it promises, sha256:[0-9a-f]{64}/);
    await using other = await fakeRegistry(content, { layerType: "application/vnd.docker.image.rootfs.diff.tar.gzip" });
    await expect(pull(other)).rejects.toThrow(/charts\/base:1\.31\.0 of localhost:\d+ is no Helm chart/);
  });

  it.each(["basic", "bearer"] as const)("of a private registry is pulled with a login, by %s", async (challenge) => {
    await using registry = await fakeRegistry(content, { login, challenge });
    expect(await pull(registry, settings)).toBe(content);
    registry.asked.length = 0;
    const chart = { chart: `oci://${registry.host}/charts/base`, version: "1.31.0" };
    await findChart(chart, { ...settings, ca: registry.ca });
    expect(
      registry.asked.filter((request) => request.includes("/v2/")).map((request) => request.split(" ")[0]),
    ).toEqual(["HEAD", "HEAD"]);
  });

  it("is fetched from where the registry keeps it, which is shown no login", async () => {
    await using storage = await fakeRegistry(content);
    await using registry = await fakeRegistry(content, { login, storage: `https://${storage.host}` });
    const ca = `${registry.ca}${storage.ca}`;
    expect(await pull(registry, { ...settings, ca })).toBe(content);
    expect(storage.asked).toEqual(["GET /stored"]);
  });

  it("is asked for through the proxy of the environment", async () => {
    await using registry = await fakeRegistry(content, { login });
    await using proxy = await connectProxy();
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${String(proxy.port)}`);
    // No machine has this name, and the certificate is for another.
    const host = registry.host.replace("localhost", "far.invalid");
    const chart = { chart: `oci://${host}/charts/base`, version: "1.31.0" };
    await expect(provideChart(chart, { ...settings, ca: registry.ca })).rejects.toThrow(/far\.invalid/);
    expect(proxy.asked[0]).toBe(host);
  });
});

describe("the engineer's own login", () => {
  it.each(["helm", "docker"] as const)("of %s is used where the settings have none", async (tool) => {
    await using registry = await fakeRegistry(content, { login });
    loginFile(tool, { auths: { [registry.host]: auth(login) } });
    expect(await pull(registry)).toBe(content);
  });

  it("of Helm goes before Docker's, and that of the settings before both", async () => {
    await using registry = await fakeRegistry(content, { login });
    loginFile("docker", { auths: { [registry.host]: auth(login) } });
    const file = loginFile("helm", { auths: { [`https://${registry.host}/v1/`]: auth("anna:old") } });
    await expect(pull(registry)).rejects.toThrow(`refuses the login of ${file} (401 for charts/base:1.31.0)`);
    expect(await pull(registry, settings)).toBe(content);
  });

  it("can be an identity token", async () => {
    await using registry = await fakeRegistry(content, { login, challenge: "bearer", identityToken: "renewed" });
    loginFile("docker", { auths: { [registry.host]: { ...auth("anna:"), identitytoken: "renewed" } } });
    expect(await pull(registry)).toBe(content);
    expect(registry.asked).toContain("POST /token");
  });

  it.each(["credsStore", "credHelpers"])("can be with a credential helper, by %s", async (key) => {
    await using registry = await fakeRegistry(content, { login });
    const helper = join(folder, "docker-credential-test");
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"] ?? ""}`);
    const file = loginFile("docker", { [key]: key === "credsStore" ? "test" : { [registry.host]: "test" } });
    await expect(pull(registry)).rejects.toThrow(
      `the credential helper docker-credential-test, which ${file} names, fails (ENOENT)`,
    );
    const answers = (text: string, code = 0) => {
      writeFileSync(
        helper,
        `#!/bin/sh\nread -r server\n[ "$server" = ${registry.host} ] && printf '%s' '${text}'\nexit ${String(code)}\n`,
      );
      chmodSync(helper, 0o755);
    };
    answers("credentials not found in native keychain", 1);
    await expect(pull(registry)).rejects.toThrow(/asks for a login/);
    answers("hello");
    await expect(pull(registry)).rejects.toThrow(/answers with something else than credentials/);
    answers(JSON.stringify({ ServerURL: registry.host, Username: "anna", Secret: "pass:word" }));
    expect(await pull(registry)).toBe(content);
  });

  it("is not quoted from a file that is no login file", async () => {
    await using registry = await fakeRegistry(content, { login });
    const file = loginFile("docker", `{"auths": {"x": {"auth": "c2VjcmV0"}`);
    const failure = pull(registry).catch(String);
    expect(await failure).toContain(`${file} can't be read (it is not the JSON of a login file)`);
    expect(await failure).not.toContain("c2VjcmV0");
  });
});

describe("what is wrong, and what to do", () => {
  it("is said of a login that is missing or refused, without the password", async () => {
    await using registry = await fakeRegistry(content, { login, challenge: "bearer" });
    const { host } = registry;
    await expect(pull(registry)).rejects.toThrow(
      `${host} asks for a login (401 for charts/base:1.31.0), and there is none in ${join(folder, "helm")}/registry/config.json or ` +
        `${join(folder, "docker")}/config.json. Set chartRegistry.username and chartRegistry.password ` +
        "(`pulumi config set --secret --path flatmesh:chartRegistry.password`), or log in with " +
        `\`helm registry login ${host}\`.\nSee docs/registries.md#charts-from-a-private-registry`,
    );
    const wrong = await pull(registry, { username: "anna", password: "hunter2" }).catch(String);
    expect(wrong).toContain(`${host} refuses the user and password of chartRegistry (401 for charts/base:1.31.0)`);
    expect(wrong).not.toContain("hunter2");
    await using closed = await fakeRegistry(content, { status: 403 });
    await expect(pull(closed, settings)).rejects.toThrow(
      /does not let the chart be pulled with the user and password of chartRegistry \(403/,
    );
  });

  it("is said of a chart or a version that is not there, and of a registry that is ill", async () => {
    await using registry = await fakeRegistry(content);
    await expect(pull(registry, {}, "cni")).rejects.toThrow(
      `${registry.host} has no chart charts/cni in version 1.31.0 (404). Push it there (\`helm push\`), or correct charts or istioVersion.`,
    );
    await using ill = await fakeRegistry(content, { status: 503 });
    await expect(pull(ill)).rejects.toThrow(/does not give charts\/base:1\.31\.0: it answers 503\. Try again later\./);
  });

  it("is said of a certificate of an unknown authority, and of a ca that is none", async () => {
    await using registry = await fakeRegistry(content);
    const chart = { chart: `oci://${registry.host}/charts/base`, version: "1.31.0" };
    await expect(provideChart(chart)).rejects.toThrow(
      /the certificate of localhost:\d+ is from an authority that is not trusted here .* Set chartRegistry\.ca /,
    );
    const file = join(folder, "ca.pem");
    await expect(provideChart(chart, { ca: file })).rejects.toThrow(
      /chartRegistry\.ca: .*ca\.pem can't be read \(ENOENT\)/,
    );
    writeFileSync(file, "nothing");
    await expect(provideChart(chart, { ca: file })).rejects.toThrow(/ca\.pem has no certificate in PEM/);
    writeFileSync(file, registry.ca);
    expect(readFileSync(await provideChart(chart, { ca: file }), "utf8")).toBe(content);
  });

  it("is nothing with a certificate that this machine trusts, as Helm does", async () => {
    await using registry = await fakeRegistry(content);
    const file = join(folder, "system.pem");
    writeFileSync(file, registry.ca);
    vi.stubEnv("SSL_CERT_FILE", file);
    const chart = { chart: `oci://${registry.host}/charts/base`, version: "1.31.0" };
    await findChart(chart);
  });

  it("is said of a registry without https, and of one that does not answer", async () => {
    const server = createServer((_, response) => response.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const host = `localhost:${String((server.address() as AddressInfo).port)}`;
    const chart = { chart: `oci://${host}/charts/base`, version: "1.31.0" };
    await expect(provideChart(chart)).rejects.toThrow(/does not answer by https/);
    server.close();
    await once(server, "close");
    await expect(findChart(chart)).rejects.toThrow(
      /can't be asked for charts: .*ECONNREFUSED.* Make it reachable from here/,
    );
  });
});
