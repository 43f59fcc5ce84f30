import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { endProcessesOf } from "./processes";
import { lockName, takeFolder } from "./run";

/**
 * Takes a rehearsal away: the run that is at work on it, its processes, its clusters and its folder. It asks nothing of the engine
 * or of the clusters, so it works in whatever state an interruption has left them.
 *
 * @returns whether there was anything.
 */
export async function takeDown(folder: string): Promise<boolean> {
  const there = existsSync(folder);
  if (there) {
    await takeFolder(folder);
  }
  await endProcessesOf(folder);
  await rm(folder, { recursive: true, force: true });
  return there;
}

/** The same for the run that holds the folder, and keeps it. */
export async function clear(folder: string): Promise<void> {
  await endProcessesOf(folder);
  const contents = (await readdir(folder)).filter((name) => name !== lockName);
  await Promise.all(contents.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
