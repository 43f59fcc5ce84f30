import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { version as commandVersion } from "@pulumi/command/package.json";
import { version as kubernetesVersion } from "@pulumi/kubernetes/package.json";
import { version as randomVersion } from "@pulumi/random/package.json";
import { version as tlsVersion } from "@pulumi/tls/package.json";

/** A plugin in a Pulumi home. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
}

/** The SDKs say which plugin they ask the engine for: the one of their own version. */
export const plugins: readonly Plugin[] = [
  { name: "command", version: commandVersion },
  { name: "kubernetes", version: kubernetesVersion },
  { name: "random", version: randomVersion },
  { name: "tls", version: tlsVersion },
];

/**
 * Installs the stand-ins into a Pulumi home (`PULUMI_HOME`), where the engine looks for plugins. An installation that is
 * up to date costs a few milliseconds.
 */
export async function installStandIns(pulumiHome: string): Promise<readonly Plugin[]> {
  const key = await contentKey();
  await Promise.all(plugins.map((plugin) => install(pulumiHome, plugin, key)));
  return plugins;
}

async function install(pulumiHome: string, { name, version }: Plugin, key: string): Promise<void> {
  const folder = join(pulumiHome, "plugins", `resource-${name}-v${version}`);
  const executable = join(folder, `pulumi-resource-${name}`);
  const bundle = join(folder, `${key}.js`);
  if (existsSync(bundle) && (await text(executable)) === (await scriptFor(bundle))) {
    return;
  }
  const unfinished = join(folder, `.${key}.${String(process.pid)}`);
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [join(__dirname, name, "main.ts")],
    outfile: bundle,
    bundle: true,
    platform: "node",
    target: "node20",
    minify: true,
    legalComments: "none",
    logLevel: "error",
  });
  // The executable comes last, and in one step: an interrupted or a second installation never shows half of one.
  await writeFile(unfinished, await scriptFor(bundle), { mode: 0o755 });
  await rename(unfinished, executable);
  const outdated = (await readdir(folder)).filter((file) => file.endsWith(".js") && file !== `${key}.js`);
  await Promise.all(outdated.map((file) => rm(join(folder, file), { force: true })));
}

/** The executable for a bundle: another one whenever the bundle is, so that a bundle that was damaged is built anew. */
async function scriptFor(bundle: string): Promise<string> {
  const digest = createHash("sha256")
    .update(await readFile(bundle))
    .digest("hex");
  return `#!/bin/sh\n# sha256 ${digest}\nexec ${quoted(process.execPath)} ${quoted(bundle)} "$@"\n`;
}

/** Changes when a stand-in's source, or a package built into it, does. */
async function contentKey(): Promise<string> {
  const sources = (await readdir(__dirname, { recursive: true })).filter((name) => name.endsWith(".ts")).sort();
  const packages = join(__dirname, "..", "..", "package-lock.json");
  const files = [...sources.map((name) => join(__dirname, name)), packages];
  const hash = createHash("sha256");
  for (const contents of await Promise.all(files.map((file) => readFile(file)))) {
    hash.update(contents);
  }
  return hash.digest("hex").slice(0, 16);
}

async function text(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
