import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { kept } from "./cache";
import { compatible, type GoSource, type Platform } from "./catalogue";
import { Go } from "./go";
import { type Progress, stopwatch, withHeartbeat } from "./progress";

/** A program, and its source. */
export interface GoProgram {
  readonly name: string;
  readonly source: GoSource;
}

/**
 * Nobody debugs these programs: without debug information they compile faster and are a third smaller. The second flag keeps this
 * machine's paths out of their messages.
 */
const compilerFlags = ["-gcflags=all=-dwarf=false", "-trimpath"];
const linkerFlags = ["-s", "-w"];

export interface BuildOptions {
  /** The operating system that the programs are for; by default, this machine's. */
  readonly system?: Platform["os"];
  /**
   * Modules that are not built, but take part in choosing the versions of shared dependencies: what was compiled in a build
   * together with them need not be compiled again.
   */
  readonly beside?: readonly GoSource[];
}

/**
 * Builds the programs in one Go module in the folder; returns the executable files in the order of the programs. Programs are
 * removed from `unbuilt` as they are finished.
 */
export async function buildPrograms(
  programs: readonly GoProgram[],
  folder: string,
  unbuilt: Set<string>,
  progress: Progress,
  { system, beside = [] }: BuildOptions = {},
): Promise<string[]> {
  const go = await Go.find(progress, system);
  const packages = programs.map(({ source }) => source.package);
  const [build, out] = [join(folder, "build"), join(folder, "out")];
  await Promise.all([mkdir(build), mkdir(out)]);
  const elapsed = stopwatch();
  // The standard library needs no download: it is compiled while the modules are downloaded.
  const standardLibrary = go.run(["build", ...compilerFlags, "std"], folder);
  const sources = programs.map(({ source }) => source);
  const tags = `-tags=${[...new Set(sources.flatMap((source) => source.tags ?? []))].join()}`;
  const modules = writeBuildModule(sources, beside, go, build).then(() =>
    go.run(["list", "-mod=mod", tags, "-deps", "-f", "", ...packages], build),
  );
  await Promise.all([standardLibrary, modules]);
  progress.step(`all Go modules downloaded after ${String(elapsed())} s: compiling`);
  const stop = announce(programs, out, unbuilt, progress);
  try {
    await go.run(
      ["build", "-mod=mod", tags, ...compilerFlags, linkerFlag(sources), "-o", `${out}/`, ...packages],
      build,
    );
  } finally {
    stop();
  }
  return programs.map((program) => join(out, fileName(program)));
}

function linkerFlag(sources: readonly GoSource[]): string {
  const stamps = sources.flatMap((source) => Object.entries(source.stamps));
  const settings = stamps.map(([variable, value]) => `-X=${variable}=${value}`);
  return `-ldflags=${[...linkerFlags, ...new Set(settings)].join(" ")}`;
}

/** Reports each program that Go has finished, until the returned function is called. */
function announce(programs: readonly GoProgram[], out: string, unbuilt: Set<string>, progress: Progress): () => void {
  const elapsed = stopwatch();
  const look = async (): Promise<void> => {
    const files = await readdir(out);
    for (const program of programs.filter((each) => files.includes(fileName(each)))) {
      if (unbuilt.delete(program.name)) {
        progress.step(`built ${program.name} ${program.source.version} (${String(elapsed())} s)`);
      }
    }
  };
  const timer = setInterval(() => {
    look().catch(() => undefined);
  }, 1000);
  return () => {
    clearInterval(timer);
  };
}

function fileName({ name, source }: GoProgram): string {
  return source.builtAs ?? name;
}

const setting = z.object({ Key: z.string(), Value: z.string() });
const version = z.object({ Path: z.string(), Version: z.string().optional() });
const goMod = z.object({
  GoDebug: z.array(setting).nullish(),
  Replace: z.array(z.object({ Old: version, New: version })).nullish(),
});

/**
 * Writes the go.mod and go.sum of a module in which all sources can be built together; those of `beside` are not built in it and
 * only contribute the versions that they require. Replacements have an effect in the main module only, so those of the sources'
 * own modules are copied.
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
 * What a replacement means outside the repository that it was written in. Kubernetes' staging folders are published as modules of
 * their own, v0.x.y for Kubernetes v1.x.y. Any other folder is the module that go.mod requires anyway: no replacement.
 */
function published(target: { Path: string; Version?: string | undefined }, repository: string): string | undefined {
  if (target.Version !== undefined) {
    return `${target.Path} ${target.Version}`;
  }
  const staged = /^\.\/staging\/src\/(.+)$/.exec(target.Path)?.[1];
  return staged === undefined ? undefined : `${staged} ${repository.replace(/^v1\./, "v0.")}`;
}

/** Programs that no rehearsal starts, such as those of images. */
export interface GoPrograms extends BuildOptions {
  /** The name of the group, such as `istio`. */
  readonly name: string;
  /** Built together. */
  readonly programs: readonly GoProgram[];
}

/** The folder with the programs, relative to the cache. It changes whenever the programs would. */
export function cachePathOf({ name, programs, system }: GoPrograms): string {
  const recipe = createHash("sha256")
    .update(JSON.stringify([programs, system]))
    .digest("hex")
    .slice(0, 12);
  return join("programs", `${name}-${recipe}`);
}

/** The folder with the programs, which are built if the cache doesn't have them. Throws a ToolError if there is no Go. */
export async function provideGoPrograms(wanted: GoPrograms, progress: Progress): Promise<string> {
  return kept(cachePathOf(wanted), progress, async (scratch) => {
    const unbuilt = new Set(wanted.programs.map(({ name }) => name));
    const elapsed = stopwatch();
    progress.step(`building ${[...unbuilt].join(", ")} from their Go modules (once)`);
    const files = await withHeartbeat(
      progress,
      (seconds) => `still building ${[...unbuilt].join(", ")} … ${String(seconds)} s`,
      () => buildPrograms(wanted.programs, scratch, unbuilt, progress, wanted),
    );
    const folder = join(scratch, "programs");
    await mkdir(folder);
    for (const [index, { name }] of wanted.programs.entries()) {
      await rename(files[index] ?? "", join(folder, name));
    }
    progress.step(`${wanted.name}: programs ready after ${String(elapsed())} s`);
    return folder;
  });
}
