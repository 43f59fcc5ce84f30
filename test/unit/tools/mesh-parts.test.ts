import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { provideGatewayApi, provideIstioCharts } from "../../../rehearsal/tools";
import { Machine } from "./machine";
import { installGo, installModule, write } from "./registries";

// Each test starts a dozen shell scripts, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.make();
  await installGo(machine);
});
afterEach(() => machine.remove());

async function installGatewayApi(spec: string, version?: string): Promise<void> {
  const folder = join(await installModule(machine, `sigs.k8s.io/gateway-api@${spec}`, {}, version), "config", "crd");
  await write(join(folder, "standard", "b.yaml"), `kind: B of ${spec}\n`);
  await write(join(folder, "standard", "a.yaml"), "kind: A\n");
  await write(join(folder, "standard", "README.md"), "no definition");
  await write(join(folder, "experimental", "c.yaml"), "kind: C\n");
}

describe("provideGatewayApi", () => {
  it("joins the standard channel's definitions of the Go module, once", async () => {
    await installGatewayApi("v1.4.0");
    const file = await provideGatewayApi("v1.4.0", machine.progress);
    expect(await readFile(file, "utf8")).toBe("kind: A\n---\nkind: B of v1.4.0\n");
    machine.lines.length = 0;
    expect(await provideGatewayApi("1.4.0", machine.progress)).toBe(file);
    expect(machine.lines).toEqual([]);
  });

  it("takes the newest of the same minor version where that one is not served, and says so", async () => {
    await installGatewayApi("v1.4", "v1.4.1");
    expect(await readFile(await provideGatewayApi("v1.4.0", machine.progress), "utf8")).toContain("kind: B of v1.4\n");
    expect(machine.lines.at(-1)).toBe("the Go module of the Gateway API is not available as v1.4.0: using v1.4.1");
  });

  it.each(["1.4", "latest", "v1.4.0/../../x"])("refuses %s, which is not a version", async (version) => {
    await expect(provideGatewayApi(version, machine.progress)).rejects.toThrow(`${version} is not a version`);
  });

  it("says what it lacks where neither is to be had", async () => {
    await expect(provideGatewayApi("v1.4.0", machine.progress)).rejects.toThrow(
      /sigs\.k8s\.io\/gateway-api.*not found/,
    );
  });
});

describe("provideIstioCharts", () => {
  it("packages the charts of Istio's Go module under the wanted version", async () => {
    const spec = "istio.io/istio@v0.0.0-20260827124520-eed52ebb66ad";
    const folder = await installModule(machine, spec);
    const folders = { base: "base", istiod: "istio-control/istio-discovery", cni: "istio-cni", ztunnel: "ztunnel" };
    for (const [chart, path] of Object.entries(folders)) {
      await write(join(folder, "manifests", "charts", path, "Chart.yaml"), chart);
    }
    await machine.script(
      "helm",
      `[ "$1" = package ] || { echo v4.1.4; exit; }
       mkdir -p "$8"; echo "$2 $6" > "$8/$(cat "$2/Chart.yaml")-$4.tgz"`,
    );
    const packaged = await provideIstioCharts("1.28.5-solo", machine.progress);
    expect((await readdir(packaged)).sort()).toEqual([
      "base-1.28.5-solo.tgz",
      "cni-1.28.5-solo.tgz",
      "istiod-1.28.5-solo.tgz",
      "ztunnel-1.28.5-solo.tgz",
    ]);
    expect(await readFile(join(packaged, "istiod-1.28.5-solo.tgz"), "utf8")).toBe(
      `${folder}/manifests/charts/istio-control/istio-discovery 1.28.5-solo\n`,
    );
    expect(machine.lines.join("\n")).toMatch(/can't reach Istio's chart repository .*Go module/);
  });

  it("refuses what is not a version", async () => {
    await expect(provideIstioCharts("../1.28.5", machine.progress)).rejects.toThrow("is not a version of Istio");
  });
});
