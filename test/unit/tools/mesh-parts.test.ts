import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { provideIstioCharts } from "../../../rehearsal/tools";
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
