import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { endProcessesOf } from "./processes";
import { ofRuns, takeFolder } from "./run";

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
  // Another process may take it down at the same time.
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  return there;
}

/** The same for the run that holds the folder: what is its own stays there. */
export async function clear(folder: string): Promise<void> {
  await endProcessesOf(folder);
  const contents = (await readdir(folder)).filter((name) => !ofRuns.includes(name));
  await Promise.all(contents.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
