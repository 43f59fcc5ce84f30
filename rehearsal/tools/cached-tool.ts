import { constants } from "node:fs";
import { access, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import { openToOthers } from "../../files";
import { keep, openCache, withScratch } from "./cache";
import { platformOf, type ToolName } from "./catalogue";
import { type Digest, digestOf } from "./digests";
import type { Progress } from "./progress";
import { originOf, programDigestOf, type Candidate, candidatesFor } from "./candidates";

/** A tool in the cache. */
export interface CachedTool {
  /** The folder with `bin/<name>`. */
  readonly root: string;
  readonly version: string;
  /** How it was obtained, such as "downloaded from …". */
  readonly origin: string;
}

/** A tool in the cache that has changed since it was stored, or whose origin can't be verified. */
interface InvalidTool {
  readonly root: string;
  readonly fault: string;
}

/** The tool in the cache, in one of the versions that its candidates have; undefined if it is missing or has changed. */
export async function cachedTool(name: ToolName): Promise<CachedTool | undefined> {
  const tools = await inspect(name);
  return tools.find((tool) => "origin" in tool);
}

/** Removes what the cache has of the tool and is not valid. The caller holds the cache's lock. */
export async function discardInvalid(name: ToolName, progress: Progress): Promise<void> {
  for (const tool of await inspect(name)) {
    if ("fault" in tool) {
      progress.step(`${tool.root} is removed, and ${name} obtained again: ${tool.fault}`);
      await rm(tool.root, { recursive: true, force: true });
    }
  }
}

/** Moves a program's file into the cache. */
export async function cacheTool(candidate: Candidate, file: string): Promise<void> {
  await withScratch("tools", async (scratch) => {
    const program = join(scratch, "bin", candidate.name);
    await mkdir(join(scratch, "bin"));
    await rename(file, program);
    await writeFile(join(scratch, "origin"), originOf(candidate));
    await writeRecord(scratch, { digest: await digestOf(program, "sha256"), stamp: await stampOf(program) });
    await keep(scratch, toolRoot(candidate.name, candidate.source.version));
  });
}

/** What the cache has of the tool, version by version. */
async function inspect(name: ToolName): Promise<(CachedTool | InvalidTool)[]> {
  // Whether hosts can be reached does not matter for tools that are here already.
  const candidates = candidatesFor(name, platformOf(process.platform, process.arch), new Map());
  const tools: (CachedTool | InvalidTool)[] = [];
  for (const version of new Set(candidates.map(({ source }) => source.version))) {
    const root = toolRoot(name, version);
    const program = join(root, "bin", name);
    if (await isExecutable(program)) {
      const origin = await readFile(join(root, "origin"), "utf8").catch(() => "");
      const fault = await faultOf(
        root,
        program,
        candidates.find((candidate) => candidate.source.version === version && originOf(candidate) === origin),
      );
      tools.push(fault === undefined ? { root, version, origin } : { root, fault });
    }
  }
  return tools;
}

/**
 * Why a cached program must not be run; undefined if it may be. It has to match the digest that its candidate pins for the program
 * itself, or else the digest that it had when it was stored. It is hashed again whenever anything has touched it since the last
 * time, as copying the cache does; until then its stamp is enough, since nobody but this user can write there.
 */
async function faultOf(root: string, program: string, candidate: Candidate | undefined): Promise<string | undefined> {
  const open = openPath(program);
  if (open !== undefined) {
    return open;
  }
  if (candidate === undefined) {
    return "it is no longer obtained from there";
  }
  const pinned = programDigestOf(candidate);
  const record = await readRecord(root);
  const stamp = await stampOf(program);
  const expected = pinned ?? record?.digest;
  if (expected !== undefined && record?.digest === expected && record.stamp === stamp) {
    return undefined;
  }
  // A program that was built here before digests were recorded is accepted as it is now, since nobody but this user could have
  // changed it. One that was downloaded then was never compared with a digest from elsewhere.
  if (expected === undefined && candidate.by !== "go") {
    return "its digest was not recorded";
  }
  const digest = await digestOf(program, "sha256");
  if (expected !== undefined && digest !== expected) {
    return `it has changed: its digest is ${digest}, expected was ${expected}`;
  }
  await writeRecord(root, { digest, stamp });
  return undefined;
}

/** Whoever can write to a folder on the path could have put another program there. */
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
    // Missing or unreadable: treated like a program without a record.
    return undefined;
  }
}

/** Atomically, since another process may be reading it. */
async function writeRecord(root: string, record: Record): Promise<void> {
  const draft = join(root, `digest.json.${String(process.pid)}`);
  await writeFile(draft, JSON.stringify(record));
  await rename(draft, join(root, "digest.json"));
}

/** Differs after every change of the file: a change time can't be set back. */
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
