import { constants } from "node:fs";
import { access, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import { openToOthers } from "../../files";
import { keep, openCache, withScratch } from "./cache";
import type { ToolName } from "./catalogue";
import { digestOf, type Digest } from "./digest";
import { platformOf } from "./platform";
import type { Progress } from "./progress";
import { originOf, programDigestOf, roadsOf, type Road } from "./roads";

/** A tool that the cache has. */
export interface KeptTool {
  /** The folder with `bin/<name>`. */
  readonly root: string;
  readonly version: string;
  /** How it was had, such as "downloaded from …". */
  readonly origin: string;
}

/** A tool in the cache that is not what was kept, or that nobody can vouch for. */
interface SpoiltTool {
  readonly root: string;
  readonly fault: string;
}

/** The tool in the cache, in one of the versions that its sources give; undefined if it isn't there as it was kept. */
export async function keptTool(name: ToolName): Promise<KeptTool | undefined> {
  const tools = await inspect(name);
  return tools.find((tool) => "origin" in tool);
}

/** Throws away what the cache has of the tool that is not as it was kept. To be called with the cache's lock held. */
export async function discardSpoilt(name: ToolName, progress: Progress): Promise<void> {
  for (const tool of await inspect(name)) {
    if ("fault" in tool) {
      progress.step(`${tool.root} is thrown away, and ${name} had anew: ${tool.fault}`);
      await rm(tool.root, { recursive: true, force: true });
    }
  }
}

/** Keeps a program, given by its file, in the cache. The file is moved. */
export async function keepTool(road: Road, file: string): Promise<void> {
  await withScratch("tools", async (scratch) => {
    const program = join(scratch, "bin", road.name);
    await mkdir(join(scratch, "bin"));
    await rename(file, program);
    await writeFile(join(scratch, "origin"), originOf(road));
    await writeRecord(scratch, { digest: await digestOf(program, "sha256"), stamp: await stampOf(program) });
    await keep(scratch, toolRoot(road.name, road.source.version));
  });
}

/** What the cache has of the tool, version by version. */
async function inspect(name: ToolName): Promise<(KeptTool | SpoiltTool)[]> {
  // Which hosts can be reached does not matter for what is here already.
  const roads = roadsOf(name, platformOf(process.platform, process.arch), new Map());
  const tools: (KeptTool | SpoiltTool)[] = [];
  for (const version of new Set(roads.map(({ source }) => source.version))) {
    const root = toolRoot(name, version);
    const program = join(root, "bin", name);
    if (await isExecutable(program)) {
      const origin = await readFile(join(root, "origin"), "utf8").catch(() => "");
      const fault = await faultOf(
        root,
        program,
        roads.find((road) => road.source.version === version && originOf(road) === origin),
      );
      tools.push(fault === undefined ? { root, version, origin } : { root, fault });
    }
  }
  return tools;
}

/**
 * Why a kept program must not be run; undefined if it may be. It has to be what its source's digest says, where the source
 * pins the program itself, and else what it was when it was kept. It is hashed again whenever anything has touched it since the
 * last time, as copying the cache does; as long as nothing has, its stamp will do, since nobody but this user can write there.
 */
async function faultOf(root: string, program: string, road: Road | undefined): Promise<string | undefined> {
  const open = openPath(program);
  if (open !== undefined) {
    return open;
  }
  if (road === undefined) {
    return "no source gives it in this way any more";
  }
  const pinned = programDigestOf(road);
  const record = await readRecord(root);
  const stamp = await stampOf(program);
  const expected = pinned ?? record?.digest;
  if (expected !== undefined && record?.digest === expected && record.stamp === stamp) {
    return undefined;
  }
  // A build is of this machine's own making: one that was kept before digests were recorded is taken for what it is now, since
  // nobody but this user could have changed it. What was downloaded then was never held against a digest from elsewhere.
  if (expected === undefined && road.by !== "go") {
    return "it was kept without its digest";
  }
  const digest = await digestOf(program, "sha256");
  if (expected !== undefined && digest !== expected) {
    return `it is not what it was: it has ${digest}, expected was ${expected}`;
  }
  await writeRecord(root, { digest, stamp });
  return undefined;
}

/** Whoever could write to a folder on the way could have put another program there. */
function openPath(program: string): string | undefined {
  let path = openCache();
  for (const part of relative(path, program).split(sep)) {
    path = join(path, part);
    const open = openToOthers(path);
    if (open !== undefined) {
      return `${path} ${open}`;
    }
  }
  return undefined;
}

const Record = z.object({
  digest: z.custom<Digest>((text) => /^sha256:[0-9a-f]{64}$/.test(String(text))),
  stamp: z.string(),
});
type Record = z.output<typeof Record>;

async function readRecord(root: string): Promise<Record | undefined> {
  try {
    return Record.parse(JSON.parse(await readFile(join(root, "digest.json"), "utf8")));
  } catch {
    // Never written, or unreadable: the program is as good as one without.
    return undefined;
  }
}

/** In one step, since another process may be reading it. */
async function writeRecord(root: string, record: Record): Promise<void> {
  const draft = join(root, `digest.json.${String(process.pid)}`);
  await writeFile(draft, JSON.stringify(record));
  await rename(draft, join(root, "digest.json"));
}

/** Another one after every change of the file: a change time can't be set back. */
async function stampOf(program: string): Promise<string> {
  const { ino, size, mtimeMs, ctimeMs } = await stat(program);
  return [ino, size, mtimeMs, ctimeMs].join(" ");
}

function toolRoot(name: ToolName, version: string): string {
  return join(openCache(), "tools", name, version);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
