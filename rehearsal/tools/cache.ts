import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { ownFolder } from "../../files";
import { ToolError } from "./errors";
import { withLock } from "./lock";
import type { Progress } from "./progress";

/**
 * Where tools are cached: `$FLATMESH_CACHE`, else `$XDG_CACHE_HOME/flatmesh`, else `~/.cache/flatmesh`. It may be deleted at any
 * time, and copied to another machine of the same platform.
 */
export function cacheFolder(): string {
  const { FLATMESH_CACHE: own, XDG_CACHE_HOME: shared } = process.env;
  if (own !== undefined && own !== "") {
    return own;
  }
  return join(shared !== undefined && shared !== "" ? shared : join(homedir(), ".cache"), "flatmesh");
}

/**
 * The cache folder, created if necessary. Throws a ToolError if anybody but this user could have put something into it, since
 * what is in it is run.
 */
export function openCache(): string {
  const folder = cacheFolder();
  const fault = ownFolder(folder);
  if (fault !== undefined) {
    throw new ToolError(`The cache of tools can't be used. ${fault}. Or name another folder in FLATMESH_CACHE.`);
  }
  return folder;
}

/**
 * Moves a finished file or folder to its place in the cache, whole or not at all, and replaces what was there.
 */
export async function keep(finished: string, place: string): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  await rm(place, { recursive: true, force: true });
  await rename(finished, place);
}

/**
 * A file or folder of the cache, made by the first call: `make` gets a scratch folder and returns the finished path in it.
 * Returns the path in the cache; `place` is relative to it.
 */
export async function kept(
  place: string,
  progress: Progress,
  make: (scratch: string) => Promise<string>,
): Promise<string> {
  const path = join(openCache(), place);
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
 * Runs the work with a new folder on the cache's own file system (so that `keep` can rename), and removes it afterwards.
 *
 * @param part Which part of the cache is being filled: `withCacheLock` removes what is left of it.
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
 * Runs the work as the only process that fills a part of the cache, after removing what an interrupted one left behind.
 * Every use of `withScratch` for that part must be inside, since its scratch folders are removed.
 */
export function withCacheLock<T>(part: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  const waiting = (): void => {
    progress.step(`waiting for another rehearsal that is filling ${cacheFolder()}`);
  };
  return withLock(join(openCache(), "locks", part), waiting, async () => {
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

function scratchFolder(part: string): string {
  return join(openCache(), "scratch", part);
}
