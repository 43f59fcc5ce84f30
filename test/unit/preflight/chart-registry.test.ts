import { chdir, cwd } from "node:process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { readChartRegistry } from "../../../preflight/chart-registry";
import { fakeRegistry } from "../../support/fake-registry";
import { parse } from "../settings/config";

const login = { username: "anna", password: "t0p-s3cret" };
const community = { distribution: "community", license: undefined, repoKey: undefined };

let folder: string;
const before = cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-test-"));
  chdir(folder);
  vi.stubEnv("HELM_CONFIG_HOME", join(folder, "helm"));
  vi.stubEnv("DOCKER_CONFIG", join(folder, "docker"));
  vi.stubEnv("PULUMI_K8S_HELM_REGISTRY_CONFIG_PATH", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  chdir(before);
  rmSync(folder, { recursive: true });
});

it("asks nothing, and changes no release, where the settings have neither a login nor a registry of their own", async () => {
  expect(await readChartRegistry(parse(), "preview", false)).toEqual({ value: undefined, problems: [] });
});

it("refuses wrong credentials once, before anything is made, and a chart that is missing; offline it asks nothing", async () => {
  await using registry = await fakeRegistry("a chart", { login: "anna:t0p-s3cret" });
  const settings = (password: string) =>
    parse({
      ...community,
      charts: `oci://${registry.host}/charts`,
      chartRegistry: { username: "anna", password, ca: registry.ca },
    });
  const wrong = await readChartRegistry(settings("hunter2"), "preview", false);
  expect(wrong.problems.map(({ severity, message }) => [severity, message.replace(/ \(.*/s, "")])).toEqual([
    ["error", `charts: ${registry.host} refuses the user and password of chartRegistry`],
  ]);
  expect(JSON.stringify(wrong.problems)).not.toContain("hunter2");
  // The registry has base alone.
  const missing = await readChartRegistry(settings(login.password), "update", false);
  expect(missing.problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/ has no chart charts\/(istiod|cni|ztunnel) in version 1\.31\.0 \(404\)/),
  ]);
  registry.asked.length = 0;
  const offline = await readChartRegistry(settings("hunter2"), "preview", true);
  expect(offline.problems).toEqual([]);
  expect(registry.asked).toEqual([]);
});

it("warns in previews, and refuses updates, of a registry that gives no charts for the engineer's own login", async () => {
  await using registry = await fakeRegistry("a chart", { login: "anna:t0p-s3cret" });
  const settings = parse({ ...community, charts: `oci://${registry.host}/charts` });
  const told = async (run: "preview" | "update", offline = false) => {
    const { value, problems } = await readChartRegistry(settings, run, offline);
    expect(value).toBeUndefined();
    return problems.map(({ severity, message }) => [severity, message]);
  };
  // Helm may trust a certificate that Node.js does not.
  expect(await told("update")).toEqual([]);
  writeFileSync(join(folder, "system.pem"), registry.ca);
  vi.stubEnv("SSL_CERT_FILE", join(folder, "system.pem"));
  const missing = expect.stringMatching(
    / asks for a login \(401 for charts\/base:1\.31\.0\), and there is none in /,
  ) as string;
  expect(await told("preview")).toEqual([["warning", missing]]);
  expect(await told("update")).toEqual([["error", missing]]);
  expect(await told("update", true)).toEqual([]);
  mkdirSync(join(folder, "docker"));
  const auth = (login: string) => ({ auths: { [registry.host]: { auth: Buffer.from(login).toString("base64") } } });
  writeFileSync(join(folder, "docker", "config.json"), JSON.stringify(auth("anna:hunter2")));
  const [refused] = await told("update");
  expect(refused).toEqual(["error", expect.stringContaining("refuses the login of ") as string]);
  expect(JSON.stringify(refused)).not.toContain("hunter2");
  writeFileSync(join(folder, "docker", "config.json"), JSON.stringify(auth("anna:t0p-s3cret")));
  // With the login, what is missing is a chart.
  expect(await told("update")).toEqual([
    ["error", expect.stringMatching(/ has no chart charts\/\w+ in version /) as string],
  ]);
});

it("gives releases the authority as a file of the same path everywhere", async () => {
  await using registry = await fakeRegistry("a chart");
  const charts = `oci://${registry.host}/charts`;
  const inline = parse({ ...community, charts, chartRegistry: { ...login, ca: registry.ca } });
  const { value } = await readChartRegistry(inline, "preview", true);
  const caFile = value?.caFile ?? "";
  expect(caFile).toMatch(/^\.flatmesh\/chart-registry-ca\.[\w-]+\.pem$/);
  expect(readFileSync(join(folder, caFile), "utf8")).toBe(registry.ca);
  const file = parse({ ...community, charts, chartRegistry: { ...login, ca: "company.pem" } });
  expect((await readChartRegistry(file, "preview", true)).value).toEqual({ ...login, caFile: "company.pem" });
});
