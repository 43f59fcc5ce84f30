import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { endProcessesOf } from "./processes";

/**
 * Takes a rehearsal away: its processes, its clusters and its folder. It asks nothing of the engine or of the clusters, so it
 * works in whatever state an interruption has left them.
 *
 * @returns whether there was anything.
 */
export async function takeDown(folder: string): Promise<boolean> {
  const there = existsSync(folder);
  await endProcessesOf(folder);
  await rm(folder, { recursive: true, force: true });
  return there;
}
