import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Tool, ToolName } from "./catalogue";
import { platformOf } from "./platform";
import { withLock } from "./lock";
import type { Progress } from "./progress";

/**
 * Where tools are kept between rehearsals: `$FLATMESH_CACHE`, else `$XDG_CACHE_HOME/flatmesh`, else
 * `~/.cache/flatmesh`. It may be deleted at any time, and copied to another machine of the same platform.
 */
export function cacheFolder(): string {
  const { FLATMESH_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  if (own !== undefined && own !== "") {
    return own;
  }
  return join(shared !== undefined && shared !== "" ? shared : join(homedir(), ".cache"), "flatmesh");
}

/** A tool that the cache has. */
export interface KeptTool {
  /** The folder with `bin/<name>`. */
  readonly root: string;
  readonly version: string;
  /** How it was had, such as "downloaded from …". */
  readonly origin: string;
}

/** The tool in the cache, in one of the versions that its sources give; undefined if it isn't there. */
export async function keptTool(name: ToolName, tool: Tool): Promise<KeptTool | undefined> {
  const platform = platformOf(process.platform, process.arch);
  const sources = [tool.download(platform), tool.npm(platform), tool.go];
  for (const version of new Set(sources.flatMap((source) => source?.version ?? []))) {
    const root = toolRoot(name, version);
    if (await isExecutable(join(root, "bin", name))) {
      return { root, version, origin: await readFile(join(root, "origin"), "utf8") };
    }
  }
  return undefined;
}

/** Keeps a program, given by its file, in the cache. The file is moved. */
export async function keepTool(name: ToolName, version: string, file: string, origin: string): Promise<void> {
  await withScratch("tools", async (scratch) => {
    await mkdir(join(scratch, "bin"));
    await rename(file, join(scratch, "bin", name));
    await writeFile(join(scratch, "origin"), origin);
    await keep(scratch, toolRoot(name, version));
  });
}

/**
 * Moves a finished file or folder to its place in the cache, whole or not at all; what was there and is of no use,
 * goes.
 */
async function keep(finished: string, place: string): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  await rm(place, { recursive: true, force: true });
  await rename(finished, place);
}

/**
 * A file or folder of the cache, made at the first call: `make` gets a scratch folder and gives the finished path in
 * it. Gives the path in the cache; `place` is relative to it.
 */
export async function kept(
  place: string,
  progress: Progress,
  make: (scratch: string) => Promise<string>,
): Promise<string> {
  const path = join(cacheFolder(), place);
  if (!(await exists(path))) {
    const part = encodeURIComponent(place);
    await withCacheLock(part, progress, async () => {
      // Another process may have made it while this one waited for the lock.
      if (!(await exists(path))) {
        await withScratch(part, async (scratch) => keep(await make(scratch), path));
      }
    });
  }
  return path;
}

/**
 * Gives the work a new folder on the cache's own file system (so that `keep` can rename), and removes it afterwards.
 *
 * @param part What of the cache is being filled: `withCacheLock` sweeps what is left of it.
 */
export async function withScratch<T>(part: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(scratchFolder(part), { recursive: true });
  const folder = await mkdtemp(join(scratchFolder(part), "work-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Does the work as the only process that fills a part of the cache, after sweeping what an interrupted one left behind.
 * Every use of `withScratch` for that part must be inside, since the sweep takes its scratch folders away.
 */
export function withCacheLock<T>(part: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  const waiting = (): void => {
    progress.step(`another rehearsal is filling ${cacheFolder()}: waiting for it`);
  };
  return withLock(join(cacheFolder(), "locks", part), waiting, async () => {
    await rm(scratchFolder(part), { recursive: true, force: true });
    return work();
  });
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function toolRoot(name: ToolName, version: string): string {
  return join(cacheFolder(), "tools", name, version);
}

function scratchFolder(part: string): string {
  return join(cacheFolder(), "scratch", part);
}
