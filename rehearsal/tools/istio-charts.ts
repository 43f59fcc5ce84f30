import { join } from "node:path";
import { extract } from "tar";
import { kept } from "./cache";
import { run } from "./command";
import { ToolError } from "./errors";
import { Go } from "./go";
import { type Network, withNetwork } from "./network";
import type { Progress } from "./progress";
import { provideTool } from "./provide";

/** The charts of an ambient mesh, and their folders in Istio's repository. */
const charts = {
  base: "base",
  istiod: "istio-control/istio-discovery",
  cni: "istio-cni",
  ztunnel: "ztunnel",
} as const;

/** The one Istio with ambient charts that Go module proxies have: a pre-release of 1.31. */
export const istioModule = { path: "istio.io/istio", version: "v0.0.0-20260827124520-eed52ebb66ad" };

/**
 * Provides upstream's charts, packaged as that version (such as `1.28.5-solo`) of base, istiod, cni and ztunnel, to stand in for
 * charts that can't be reached; returns the folder with `<chart>-<version>.tgz`. They are those that Istio released as that
 * version, or, if its chart repository can't be reached, those of the Istio Go module, which is newer: both take the same
 * values. Throws a ToolError if neither can be obtained.
 */
export async function provideIstioCharts(version: string, progress: Progress): Promise<string> {
  if (!/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version)) {
    throw new ToolError(
      `${version} is not a version of Istio: write three numbers, and a suffix if any, such as 1.28.5-solo`,
    );
  }
  const helm = await provideTool("helm", progress);
  return kept(join("istio-charts", version), progress, async (scratch) => {
    const packaged = join(scratch, "packaged");
    for (const folder of await chartFolders(version, scratch, progress)) {
      await run(helm, ["package", folder, "--version", version, "--app-version", version, "--destination", packaged]);
    }
    return packaged;
  });
}

/** The charts' folders; the scratch folder is for what must be downloaded. */
async function chartFolders(version: string, scratch: string, progress: Progress): Promise<readonly string[]> {
  const upstream = version.replace(/-.*$/, "");
  const addressOf = (chart: string): string =>
    `https://istio-release.storage.googleapis.com/charts/${chart}-${upstream}.tgz`;
  return withNetwork(async (network) => {
    const obstacle = await network.obstacle(addressOf("base"));
    if (obstacle === undefined) {
      progress.step(`downloading upstream's charts of Istio ${upstream}`);
      return Promise.all(Object.keys(charts).map((chart) => unpack(chart, addressOf(chart), scratch, network)));
    }
    progress.step(`can't reach Istio's chart repository (${obstacle}): using the charts of its Go module`);
    const go = await Go.find(progress);
    const { folder } = await go.module(istioModule.path, istioModule.version, scratch);
    return Object.values(charts).map((path) => join(folder, "manifests", "charts", path));
  });
}

async function unpack(chart: string, url: string, scratch: string, network: Network): Promise<string> {
  const archive = join(scratch, `${chart}.tgz`);
  await network.save(url, archive);
  await extract({ file: archive, cwd: scratch });
  return join(scratch, chart);
}
