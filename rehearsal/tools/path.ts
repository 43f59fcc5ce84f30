import { constants } from "node:fs";
import { access, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { satisfies } from "semver";
import { z } from "zod";
import { openCache } from "./cache";
import { catalogue, type Tool, type ToolName } from "./catalogue";
import { run } from "./command";
import { messageOf } from "./errors";

/** What the PATH has of a tool: `unfit` says why it can't be used. */
export type OnPath =
  { readonly file: string; readonly version: string } | { readonly file: string; readonly unfit: string };

/** A program that doesn't print its version within this time is not used. */
const versionTimeoutMs = 10_000;

/**
 * The first program of each name on the PATH, as a shell would find it, and whether its version is suitable; a name that isn't
 * there is left out. Versions are remembered by file in the cache folder, since some tools take a second to print theirs.
 */
export async function toolsOnPath(names: readonly ToolName[]): Promise<ReadonlyMap<ToolName, OnPath>> {
  const known = await readVersions();
  const asked: Record<string, string> = {};
  const found = new Map<ToolName, OnPath>();
  await Promise.all(
    names.map(async (name) => {
      const tool = catalogue[name];
      const file = await which(name);
      if (file === undefined) {
        return;
      }
      const key = await fingerprint(file);
      try {
        const version = known[key] ?? (await ask(file, tool.versionArguments));
        asked[key] = version;
        found.set(name, checkVersion(file, version, tool));
      } catch (error) {
        found.set(name, { file, unfit: `it doesn't print its version: ${messageOf(error)}` });
      }
    }),
  );
  if (Object.keys(asked).some((key) => !(key in known))) {
    await writeVersions({ ...known, ...asked });
  }
  return found;
}

/** Whether that version is suitable. A pre-release or vendor suffix (`1.34.4-gke.1`) counts as the version before it. */
export function checkVersion(file: string, version: string, { range, why }: Pick<Tool, "range" | "why">): OnPath {
  const [release = ""] = /^\d+\.\d+\.\d+/.exec(version) ?? [];
  return satisfies(release, range)
    ? { file, version }
    : { file, unfit: `it is version ${version}, and a rehearsal needs ${range}: ${why}` };
}

/** The first version in what a program prints, without its `v`; undefined if there is none. */
export function versionIn(output: string): string | undefined {
  return /\bv?(\d+\.\d+\.\d+[-+.\w]*)/.exec(output)?.[1];
}

/** The first executable file of that name on the PATH. */
export async function which(name: string): Promise<string | undefined> {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    const file = join(folder, name);
    if (await isProgram(file)) {
      return file;
    }
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function ask(file: string, args: readonly string[]): Promise<string> {
  const version = versionIn(await run(file, args, { timeoutMs: versionTimeoutMs }));
  if (version === undefined) {
    throw new Error(`\`${[file, ...args].join(" ")}\` prints no version`);
  }
  return version;
}

/** Changes when the program does. */
async function fingerprint(file: string): Promise<string> {
  const real = await realpath(file);
  const { size, mtimeMs } = await stat(real);
  return [real, size, mtimeMs].join("|");
}

const Versions = z.record(z.string(), z.string());

async function readVersions(): Promise<Record<string, string>> {
  const file = versionsFile();
  try {
    return Versions.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    // Not written yet, or unreadable: the programs are asked again.
    return {};
  }
}

async function writeVersions(versions: Record<string, string>): Promise<void> {
  const draft = `${versionsFile()}.${String(process.pid)}`;
  await writeFile(draft, JSON.stringify(versions, undefined, 2));
  await rename(draft, versionsFile());
}

function versionsFile(): string {
  return join(openCache(), "path-versions.json");
}
