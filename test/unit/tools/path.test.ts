import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { catalogue } from "../../../rehearsal/tools/catalogue";
import { checkVersion, toolsOnPath, versionIn } from "../../../rehearsal/tools/path";
import { Machine } from "./machine";

describe("versionIn", () => {
  it.each([
    ["pulumi", "v3.259.0\n", "3.259.0"],
    ["kubectl", "Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0\n", "1.32.4-dispatcher"],
    ["helm", "v4.1.4+g05fa379\n", "4.1.4+g05fa379"],
    ["etcd", "etcd Version: 3.6.4\nGit SHA: Not provided\nGo Version: go1.26.8\n", "3.6.4"],
    ["kube-apiserver", "Kubernetes v1.34.4\n", "1.34.4"],
    ["kwok", "kwok version v0.8.0 go1.26.8 (linux/amd64)\n", "0.8.0"],
    ["kind", "kind v0.33.0 go1.26.8 linux/amd64\n", "0.33.0"],
    ["a program without one", "usage: …\n", undefined],
  ])("reads what %s prints", (_name, output, version) => {
    expect(versionIn(output)).toBe(version);
  });
});

describe("checkVersion", () => {
  it.each([
    ["pulumi", "3.248.0"],
    ["pulumi", "3.260.1"],
    ["kubectl", "1.33.9"],
    ["kubectl", "1.35.0"],
    ["helm", "3.8.0"],
    ["helm", "4.1.4+g05fa379"],
    ["etcd", "3.5.13"],
    ["kube-apiserver", "1.34.0"],
    ["kube-apiserver", "1.34.4-gke.100"],
    ["kwokctl", "0.8.1"],
    ["kind", "0.33.0"],
  ] as const)("takes %s %s", (name, version) => {
    expect(checkVersion("/bin/it", version, catalogue[name])).toEqual({ file: "/bin/it", version });
  });

  it.each([
    ["pulumi", "3.247.9"],
    ["pulumi", "4.0.0"],
    ["kubectl", "1.32.4-dispatcher"],
    ["kubectl", "1.36.0"],
    ["helm", "2.17.0"],
    ["etcd", "3.5.12"],
    ["etcd", "3.7.0"],
    ["kube-scheduler", "1.33.9"],
    ["kwok", "0.7.0"],
    ["kind", "0.29.0"],
  ] as const)("rejects %s %s, and says which versions it needs and why", (name, version) => {
    const { range, why } = catalogue[name];
    expect(checkVersion("/bin/it", version, catalogue[name])).toEqual({
      file: "/bin/it",
      unfit: `it is version ${version}, and a rehearsal needs ${range}: ${why}`,
    });
  });
});

describe("toolsOnPath", () => {
  let machine: Machine;
  beforeEach(async () => {
    machine = await Machine.make();
  });
  afterEach(() => machine.remove());

  it("takes the first of the PATH, as a shell does, even if a later one would fit better", async () => {
    await machine.script("helm", "echo v4.1.0", machine.laterBin);
    expect((await toolsOnPath(["helm"])).get("helm")).toEqual({
      file: join(machine.laterBin, "helm"),
      version: "4.1.0",
    });
    const first = await machine.script("helm", "echo v2.0.0");
    expect((await toolsOnPath(["helm"])).get("helm")).toMatchObject({
      file: first,
      unfit: expect.stringContaining("2.0.0") as string,
    });
  });

  it("passes over files that can't be executed, and names that aren't there", async () => {
    await chmod(await machine.script("helm", "echo v4.1.0"), 0o644);
    expect(await toolsOnPath(["helm", "kind"])).toEqual(new Map());
  });

  it("says why a program is not taken that fails or prints no version", async () => {
    await machine.script("helm", "echo broken >&2; exit 3");
    await machine.script("kind", "echo hello");
    const found = await toolsOnPath(["helm", "kind"]);
    expect(found.get("helm")).toMatchObject({ unfit: expect.stringMatching(/exit code 3[^]*broken/) as string });
    expect(found.get("kind")).toMatchObject({
      unfit: expect.stringContaining("kind version` prints no version") as string,
    });
  });

  it("asks a program once, and again when it has changed", async () => {
    const asked = join(machine.folder, "asked");
    const count = async (): Promise<number> => (await readFile(asked, "utf8")).length;
    const helm = await machine.script("helm", `printf x >> ${asked}; echo v4.1.0`);
    await machine.script("kind", `printf x >> ${asked}; echo v0.33.0`);
    await toolsOnPath(["helm", "kind"]);
    expect(await count()).toBe(2);
    await toolsOnPath(["helm", "kind"]);
    expect(await count()).toBe(2);
    await writeFile(helm, `#!/bin/sh\nprintf x >> ${asked}; echo v4.10.0`);
    expect((await toolsOnPath(["helm", "kind"])).get("helm")).toMatchObject({ version: "4.10.0" });
    expect(await count()).toBe(3);
  });

  it("asks again when its memory is unreadable", async () => {
    await machine.script("helm", "echo v4.1.0");
    await toolsOnPath(["helm"]);
    await writeFile(join(machine.cache, "path-versions.json"), "{");
    expect((await toolsOnPath(["helm"])).get("helm")).toMatchObject({ version: "4.1.0" });
  });
});
