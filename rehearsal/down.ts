import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { endProcessesOf } from "./processes";
import { runFiles, takeFolder } from "./run";

/**
 * Takes a rehearsal down: the run that is working on it, its processes, its clusters and its folder. It needs neither the engine
 * nor the clusters, so it works in whatever state an interruption has left them.
 *
 * @returns whether there was anything to take down.
 */
export async function takeDown(folder: string): Promise<boolean> {
  const exists = existsSync(folder);
  if (exists) {
    await takeFolder(folder);
  }
  await endProcessesOf(folder);
  // Another process may take it down at the same time.
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  return exists;
}

/** The same for the run that holds the folder, whose own files stay. */
export async function clear(folder: string): Promise<void> {
  await endProcessesOf(folder);
  const contents = (await readdir(folder)).filter((name) => !runFiles.includes(name));
  await Promise.all(contents.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
