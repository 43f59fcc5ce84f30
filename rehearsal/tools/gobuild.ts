import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeBuildModule } from "./buildmodule";
import type { ToolName } from "./catalogue";
import { Go } from "./gomodule";
import { stopwatch, type Progress } from "./progress";
import type { Road } from "./roads";

type GoRoad = Extract<Road, { by: "go" }>;

/**
 * Nobody debugs these programs: without debugging tables they compile faster and are a third smaller. The second flag
 * keeps this machine's paths out of their messages.
 */
const compilerFlags = ["-gcflags=all=-dwarf=false", "-trimpath"];
const linkerFlags = ["-s", "-w"];

/**
 * Builds the tools in one Go module in the folder; gives the executable files in the order of the roads. What is built
 * goes out of `unbuilt` as it is finished.
 */
export async function buildTools(
  roads: readonly GoRoad[],
  folder: string,
  unbuilt: Set<ToolName>,
  progress: Progress,
): Promise<string[]> {
  const go = await Go.find();
  const packages = roads.map(({ source }) => source.package);
  const [build, out] = [join(folder, "build"), join(folder, "out")];
  await Promise.all([mkdir(build), mkdir(out)]);
  const elapsed = stopwatch();
  // The standard library needs no download: it is compiled while the modules arrive.
  const standardLibrary = go.run(["build", ...compilerFlags, "std"], folder);
  await Promise.all([standardLibrary, fetchModules(roads, packages, go, build)]);
  progress.step(`all Go modules are here (${String(elapsed())} s): compiling`);
  const stop = announce(roads, out, unbuilt, progress);
  try {
    await go.run(["build", "-mod=mod", ...compilerFlags, linkerFlag(roads), "-o", `${out}/`, ...packages], build);
  } finally {
    stop();
  }
  return roads.map((road) => join(out, fileName(road)));
}

async function fetchModules(
  roads: readonly GoRoad[],
  packages: readonly string[],
  go: Go,
  build: string,
): Promise<void> {
  await writeBuildModule(
    roads.map(({ source }) => source),
    go,
    build,
  );
  await go.run(["list", "-mod=mod", "-deps", "-f", "", ...packages], build);
}

function linkerFlag(roads: readonly GoRoad[]): string {
  const stamps = roads.flatMap(({ source }) => Object.entries(source.stamps));
  const settings = stamps.map(([variable, value]) => `-X=${variable}=${value}`);
  return `-ldflags=${[...linkerFlags, ...new Set(settings)].join(" ")}`;
}

/** Tells of every program that Go has finished, until the returned function is called. */
function announce(roads: readonly GoRoad[], out: string, unbuilt: Set<ToolName>, progress: Progress): () => void {
  const elapsed = stopwatch();
  const look = async (): Promise<void> => {
    const files = await readdir(out);
    for (const road of roads.filter((each) => files.includes(fileName(each)))) {
      if (unbuilt.delete(road.name)) {
        progress.step(`built ${road.name} ${road.source.version} (${String(elapsed())} s)`);
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

function fileName({ name, source }: GoRoad): string {
  return source.builtAs ?? name;
}
