import { chdir, cwd } from "node:process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
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
});

afterEach(() => {
  chdir(before);
  rmSync(folder, { recursive: true });
});

it("asks nothing, and changes no release, where the settings have no login", async () => {
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
