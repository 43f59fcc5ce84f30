import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { installation, providePlugins } from "../../../rehearsal/engine-plugins";
import { installStandIns, plugins } from "../../../rehearsal/plugins";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-plugins-"));
  vi.stubEnv("FLATMESH_CACHE", join(folder, "cache"));
  vi.stubEnv("PULUMI_HOME", join(folder, "own"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const folders = plugins.map(({ name, version }) => `resource-${name}-v${version}`);

function installOwn(): void {
  for (const { name, version } of plugins) {
    const place = join(folder, "own", "plugins", `resource-${name}-v${version}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `pulumi-resource-${name}`), "");
  }
}

describe("providePlugins", () => {
  it("takes the engineer's own where all are installed", async () => {
    installOwn();
    const { home, missing } = await providePlugins();
    expect(missing).toEqual([]);
    expect(folders.map((name) => readlinkSync(join(home, "plugins", name)))).toEqual(
      folders.map((name) => join(folder, "own", "plugins", name)),
    );
  });

  it("takes none that an earlier version has downloaded unchecked", async () => {
    installOwn();
    const [first = ""] = folders;
    mkdirSync(join(folder, "cache", "pulumi-home", "plugins", first), { recursive: true, mode: 0o700 });
    const { home } = await providePlugins();
    expect(readlinkSync(join(home, "plugins", first))).toBe(join(folder, "own", "plugins", first));
  });

  it("takes stand-ins for all where one is missing, names that, and takes the own ones once it is there", async () => {
    installOwn();
    rmSync(join(folder, "own", "plugins", folders[1] ?? ""), { recursive: true });
    const { home, missing } = await providePlugins();
    expect(installation(missing)).toMatch(/^pulumi plugin install resource kubernetes \d+\.\d+\.\d+$/);
    expect(home).toBe(join(folder, "cache", "pulumi-home-stand-ins"));
    expect(readdirSync(join(home, "plugins")).sort()).toEqual(folders.toSorted());
    installOwn();
    expect(await providePlugins()).toEqual({ home: join(folder, "cache", "pulumi-home"), missing: [] });
  });
});

describe("installStandIns", () => {
  it("builds a stand-in anew that is not what was built", async () => {
    await installStandIns(folder);
    const place = join(folder, "plugins", folders[0] ?? "");
    const bundle = join(place, readdirSync(place).find((name) => name.endsWith(".js")) ?? "");
    const built = readFileSync(bundle, "utf8");
    writeFileSync(bundle, "forged");
    await installStandIns(folder);
    expect(readFileSync(bundle, "utf8")).toBe(built);
    rmSync(bundle);
    await installStandIns(folder);
    expect(readFileSync(bundle, "utf8")).toBe(built);
  });
});
