import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { compatible, type GoSource } from "./catalogue";
import type { Go } from "./gomodule";

const setting = z.object({ Key: z.string(), Value: z.string() });
const version = z.object({ Path: z.string(), Version: z.string().optional() });
const goMod = z.object({
  GoDebug: z.array(setting).nullish(),
  Replace: z.array(z.object({ Old: version, New: version })).nullish(),
});

/**
 * Writes the go.mod and go.sum of a module in which all sources can be built together; those of `beside` are not built
 * in it and only bring the versions that they require. Replacements count in the main module only, so those that the
 * sources' modules are made with are taken over.
 */
export async function writeBuildModule(
  sources: readonly GoSource[],
  beside: readonly GoSource[],
  go: Go,
  folder: string,
): Promise<void> {
  const modules = new Map([...sources, ...beside].map((source) => [source.module, `v${source.version}`]));
  const built = new Set(sources.map((source) => source.module));
  const lines = ["module flatmesh.invalid/tools", "go 1.21"];
  const replacements = new Map<string, string>();
  let sums = "";
  for (const [path, wanted] of modules) {
    lines.push(`require ${path} ${wanted}`);
    const module = await go.module(path, wanted, dirname(folder));
    const { GoDebug, Replace } = goMod.parse(JSON.parse(await go.run(["mod", "edit", "-json", module.goMod], folder)));
    lines.push(...(GoDebug ?? []).map(({ Key, Value }) => `godebug ${Key}=${Value}`));
    for (const { Old, New } of Replace ?? []) {
      const target = published(New, wanted);
      if (target !== undefined) {
        replacements.set(Old.Path, target);
      }
    }
    sums += await readFile(join(module.folder, "go.sum"), "utf8");
  }
  if (built.has("k8s.io/kubernetes") && built.has("sigs.k8s.io/kwok")) {
    for (const [path, fitting] of Object.entries(compatible)) {
      replacements.set(path, `${path} ${fitting}`);
    }
  }
  lines.push(...[...replacements].map(([path, target]) => `replace ${path} => ${target}`));
  await writeFile(join(folder, "go.mod"), `${lines.join("\n")}\n`);
  await writeFile(join(folder, "go.sum"), sums);
}

/**
 * What a replacement stands for outside the repository that it was written in. Kubernetes' staging folders are
 * published as modules of their own, v0.x.y for Kubernetes v1.x.y. Any other folder is the module that go.mod requires
 * anyway: no replacement.
 */
function published(target: { Path: string; Version?: string | undefined }, repository: string): string | undefined {
  if (target.Version !== undefined) {
    return `${target.Path} ${target.Version}`;
  }
  const staged = /^\.\/staging\/src\/(.+)$/.exec(target.Path)?.[1];
  return staged === undefined ? undefined : `${staged} ${repository.replace(/^v1\./, "v0.")}`;
}
