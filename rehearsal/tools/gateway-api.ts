import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kept } from "./cache";
import { ToolError } from "./errors";
import { Go, type GoModule } from "./go";
import { withNetwork } from "./network";
import type { Progress } from "./progress";

/**
 * Provides the Gateway API's custom resource definitions of the standard channel as one YAML file, and returns its path. The
 * version is such as `v1.4.0`. They are those of the project's release, or, if GitHub can't be reached, those of the project's Go
 * module: of that version, else of the newest with the same minor version. Throws a ToolError if neither can be obtained.
 */
export async function provideGatewayApi(version: string, progress: Progress): Promise<string> {
  const release = version.replace(/^v?/, "v");
  if (!/^v\d+\.\d+\.\d+$/.test(release)) {
    throw new ToolError(`${version} is not a version of the Gateway API: write three numbers, such as v1.4.0`);
  }
  return kept(join("gateway-api", `${release}.yaml`), progress, (scratch) =>
    withNetwork(async (network) => {
      const file = join(scratch, "standard.yaml");
      const url = `https://github.com/kubernetes-sigs/gateway-api/releases/download/${release}/standard-install.yaml`;
      const obstacle = await network.obstacle(url);
      if (obstacle === undefined) {
        progress.step(`downloading the Gateway API ${release}`);
        await network.save(url, file);
      } else {
        progress.step(`can't reach the Gateway API's release page (${obstacle}): using its Go module`);
        await writeFile(file, await fromModule(release, scratch, progress), { flag: "wx" });
      }
      return file;
    }),
  );
}

async function fromModule(release: string, scratch: string, progress: Progress): Promise<string> {
  const { folder, version } = await moduleOf(release, scratch, progress);
  if (version !== release) {
    progress.step(`the Go module of the Gateway API is not available as ${release}: using ${version}`);
  }
  const definitions = join(folder, "config", "crd", "standard");
  const files = (await readdir(definitions)).filter((file) => file.endsWith(".yaml")).sort();
  const documents = await Promise.all(files.map((file) => readFile(join(definitions, file), "utf8")));
  return `${documents.map((text) => text.trimEnd()).join("\n---\n")}\n`;
}

/**
 * The module in that version, else the newest of the same minor version: module proxies don't all serve every version.
 */
async function moduleOf(release: string, scratch: string, progress: Progress): Promise<GoModule> {
  const path = "sigs.k8s.io/gateway-api";
  const go = await Go.find(progress);
  try {
    return await go.module(path, release, scratch);
  } catch {
    return go.module(path, release.replace(/\.[^.]+$/, ""), scratch);
  }
}
