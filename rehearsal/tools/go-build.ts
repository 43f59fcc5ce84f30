import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeBuildModule } from "./buildmodule";
import type { GoSource } from "./catalogue";
import { Go } from "./gomodule";
import type { Platform } from "./platform";
import { stopwatch, type Progress } from "./progress";

/** A program, and what it is built from. */
export interface GoProgram {
  readonly name: string;
  readonly source: GoSource;
}

/**
 * Nobody debugs these programs: without debugging tables they compile faster and are a third smaller. The second flag
 * keeps this machine's paths out of their messages.
 */
const compilerFlags = ["-gcflags=all=-dwarf=false", "-trimpath"];
const linkerFlags = ["-s", "-w"];

export interface BuildOptions {
  /** The operating system that the programs are for; left out: this machine's. */
  readonly system?: Platform["os"];
  /**
   * Modules that only have their say in the versions of what all depend on: what was compiled in a build together with
   * them needs no compiling again.
   */
  readonly beside?: readonly GoSource[];
}

/**
 * Builds the programs in one Go module in the folder; gives the executable files in the order of the programs. What is
 * built goes out of `unbuilt` as it is finished.
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
  // The standard library needs no download: it is compiled while the modules arrive.
  const standardLibrary = go.run(["build", ...compilerFlags, "std"], folder);
  const sources = programs.map(({ source }) => source);
  const tags = `-tags=${[...new Set(sources.flatMap((source) => source.tags ?? []))].join()}`;
  const modules = writeBuildModule(sources, beside, go, build).then(() =>
    go.run(["list", "-mod=mod", tags, "-deps", "-f", "", ...packages], build),
  );
  await Promise.all([standardLibrary, modules]);
  progress.step(`all Go modules are here (${String(elapsed())} s): compiling`);
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

/** Tells of every program that Go has finished, until the returned function is called. */
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
