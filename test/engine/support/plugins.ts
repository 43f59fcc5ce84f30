import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { plugins } from "../../../rehearsal/plugins";

/** Builds the echo plugins into a Pulumi home, where the engine looks for them. */
export async function installEchoPlugins(pulumiHome: string): Promise<void> {
  const bundles = join(pulumiHome, "bundles");
  await build({
    entryPoints: plugins.map(({ name }) => join(__dirname, "..", "echo", `${name}.ts`)),
    outdir: bundles,
    bundle: true,
    platform: "node",
    target: "node20",
    minify: true,
    legalComments: "none",
    logLevel: "error",
  });
  for (const { name, version } of plugins) {
    const folder = join(pulumiHome, "plugins", `resource-${name}-v${version}`);
    const executable = join(folder, `pulumi-resource-${name}`);
    await mkdir(folder, { recursive: true });
    await writeFile(executable, `#!/bin/sh\nexec "${process.execPath}" "${join(bundles, `${name}.js`)}" "$@"\n`);
    await chmod(executable, 0o755);
  }
}
