import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { cacheFolder, openCache, withCacheLock } from "./cache";
import type { ToolName } from "./catalogue";
import { ToolError } from "./errors";
import { discardInvalid, cachedTool } from "./cached-tool";
import { installTools } from "./install";
import { toolsOnPath, type OnPath } from "./path";
import type { Progress } from "./progress";

/** The tools of a rehearsal, ready to run. */
export interface Toolbox {
  /** Folders, to be put in front of the PATH, with these tools in them and nothing else. */
  readonly path: string;
  /** The folder with `bin/pulumi`, for `PulumiCommand.get({ root })`. */
  readonly pulumiRoot: string;
  /** The tools' executable files, by name. */
  readonly programs: Readonly<Record<string, string>>;
  /** How each tool was obtained, for the console. */
  readonly where: Readonly<Record<string, string>>;
}

/** A tool that is available, as `bin/<name>` in the folder `root`. */
interface Found {
  readonly root: string;
  readonly where: string;
}

/**
 * Provides the named tools, and always pulumi: from the PATH if the version there is suitable, else from the cache, which is
 * filled first if necessary. That may take minutes and is reported to `progress`. Throws a ToolError that says what to do if
 * tools can't be obtained.
 */
export async function provideTools(names: readonly ToolName[], progress: Progress): Promise<Toolbox> {
  const tools = await provide([...new Set<ToolName>(["pulumi", ...names])], progress);
  const programs = Object.fromEntries([...tools].map(([name, { root }]) => [name, join(root, "bin", name)]));
  return {
    path: [...tools.values()].map(({ root }) => join(root, "bin")).join(delimiter),
    pulumiRoot: rootOf(tools, "pulumi"),
    programs,
    where: Object.fromEntries([...tools].map(([name, { where }]) => [name, where])),
  };
}

/** Provides one tool; returns its executable file. */
export async function provideTool(name: ToolName, progress: Progress): Promise<string> {
  return join(rootOf(await provide([name], progress), name), "bin", name);
}

async function provide(names: readonly ToolName[], progress: Progress): Promise<ReadonlyMap<ToolName, Found>> {
  const found = await find(names);
  if (names.every((name) => found.has(name))) {
    return found;
  }
  await withCacheLock("tools", progress, async () => {
    // Another rehearsal may have installed them while this one waited for the lock.
    const available = await find(names);
    const missing = names.filter((name) => !available.has(name));
    for (const [name, offer] of await toolsOnPath(missing)) {
      if ("unfit" in offer) {
        progress.step(`the ${name} on the PATH, ${offer.file}, is not used: ${offer.unfit}`);
      }
    }
    for (const name of missing) {
      await discardInvalid(name, progress);
    }
    if (missing.length > 0) {
      await installTools(missing, progress);
    }
  });
  return find(names);
}

/** The tools that are available already, on the PATH or in the cache. */
async function find(names: readonly ToolName[]): Promise<ReadonlyMap<ToolName, Found>> {
  const onPath = await toolsOnPath(names);
  const found = await Promise.all(
    names.map(
      async (name) =>
        [name, (await fromPath(name, onPath.get(name))) ?? (await fromCache(name, onPath.get(name)))] as const,
    ),
  );
  return new Map(found.flatMap(([name, tool]) => (tool === undefined ? [] : [[name, tool] as const])));
}

async function fromPath(name: ToolName, offer: OnPath | undefined): Promise<Found | undefined> {
  if (offer === undefined || "unfit" in offer) {
    return undefined;
  }
  return { root: await linkedRoot(name, offer.file), where: `${offer.version}, on the PATH: ${offer.file}` };
}

async function fromCache(name: ToolName, offer: OnPath | undefined): Promise<Found | undefined> {
  const kept = await cachedTool(name);
  if (kept === undefined) {
    return undefined;
  }
  const passedOver = offer !== undefined && "unfit" in offer ? `; not ${offer.file}: ${offer.unfit}` : "";
  return { root: kept.root, where: `${kept.version}, ${kept.origin}${passedOver}` };
}

/** A folder with nothing but a link to the program: a folder of the PATH may have any name and hold much else. */
async function linkedRoot(name: ToolName, file: string): Promise<string> {
  const root = join(openCache(), "links", encodeURIComponent(file));
  const link = join(root, "bin", name);
  const isLinked = (): Promise<boolean> =>
    readlink(link).then(
      (target) => target === file,
      () => false,
    );
  if (!(await isLinked())) {
    await mkdir(dirname(link), { recursive: true });
    await rm(link, { recursive: true, force: true });
    await symlink(file, link).catch(async (error: unknown) => {
      // Another rehearsal may have made it at the same time.
      if (!(await isLinked())) {
        throw error;
      }
    });
  }
  return root;
}

function rootOf(tools: ReadonlyMap<ToolName, Found>, name: ToolName): string {
  const found = tools.get(name);
  if (found === undefined) {
    throw new ToolError(
      `${name} was put into ${cacheFolder()} and has disappeared from it: ` +
        "do not change that folder while a rehearsal starts, and try again",
    );
  }
  return found.root;
}
