import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { catalogue, kubernetesSource, cachePathOf, provideGoPrograms } from "../../../rehearsal/tools";
import { Machine } from "./machine";
import { installGo, installModule } from "./registries";

// Each test starts a dozen shell scripts, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.make();
  await installGo(machine);
  await installModule(machine, "k8s.io/kubernetes@v1.34.4");
  await installModule(machine, "go.etcd.io/etcd/server/v3@v3.6.4");
  await installModule(machine, "sigs.k8s.io/kwok@v0.8.0");
});
afterEach(() => machine.remove());

const goLog = (): Promise<string> => readFile(join(machine.folder, "go.log"), "utf8");

const node = {
  name: "node",
  programs: [
    { name: "kubelet", source: { ...kubernetesSource("kubelet"), tags: ["small", "quick"] } },
    { name: "etcd", source: catalogue.etcd.go },
  ],
};

describe("provideGoPrograms", () => {
  it("gives a folder of the programs by their names, built once", async () => {
    const folder = await provideGoPrograms(node, machine.progress);
    expect(folder).toBe(join(machine.cache, cachePathOf(node)));
    expect(execFileSync(join(folder, "kubelet"), { encoding: "utf8" })).toBe("k8s.io/kubernetes/cmd/kubelet\n");
    expect(execFileSync(join(folder, "etcd"), { encoding: "utf8" })).toBe("go.etcd.io/etcd/server/v3\n");
    expect(await goLog()).toMatch(/^build -mod=mod -tags=small,quick .*-X=k8s.io.*gitVersion=v1.34.4/m);

    machine.lines.length = 0;
    expect(await provideGoPrograms(node, machine.progress)).toBe(folder);
    expect(machine.lines).toEqual([]);
  });

  it("keeps others in another folder", () => {
    const newer = { ...node, programs: [{ name: "etcd", source: { ...catalogue.etcd.go, version: "3.6.5" } }] };
    expect(cachePathOf(newer)).not.toBe(cachePathOf(node));
  });

  it("takes the modules beside them for their versions alone", async () => {
    await provideGoPrograms({ ...node, beside: [catalogue.kwok.go] }, machine.progress);
    const goMod = await readFile(join(machine.folder, "go.mod"), "utf8");
    expect(goMod).toContain("require sigs.k8s.io/kwok v0.8.0\n");
    // What a build of kwok would need, and the kubelet can't be built with.
    expect(goMod).not.toContain("cri-client");
    expect(await goLog()).not.toMatch(/^build .*kwok/m);
  });
});
