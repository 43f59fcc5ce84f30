import { createHash } from "node:crypto";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { kept } from "./cache";
import { buildPrograms, type BuildOptions, type GoProgram } from "./gobuild";
import { stopwatch, withHeartbeat, type Progress } from "./progress";

/** Programs that no rehearsal starts, such as those that images are made of. */
export interface GoPrograms extends BuildOptions {
  /** What they are together, such as `istio`. */
  readonly name: string;
  /** Built as one. */
  readonly programs: readonly GoProgram[];
}

/** Where the cache has the folder with the programs, relative to it: another one whenever they would be others. */
export function placeOf({ name, programs, system }: GoPrograms): string {
  const recipe = createHash("sha256")
    .update(JSON.stringify([programs, system]))
    .digest("hex")
    .slice(0, 12);
  return join("programs", `${name}-${recipe}`);
}

/** The folder with the programs, which are built if the cache doesn't have them. Throws a ToolError if there is no Go. */
export async function provideGoPrograms(wanted: GoPrograms, progress: Progress): Promise<string> {
  return kept(placeOf(wanted), progress, async (scratch) => {
    const unbuilt = new Set(wanted.programs.map(({ name }) => name));
    const elapsed = stopwatch();
    progress.step(`building ${[...unbuilt].join(", ")} from their Go modules (once)`);
    const files = await withHeartbeat(
      progress,
      (seconds) => `still building ${[...unbuilt].join(", ")} … ${String(seconds)} s`,
      () => buildPrograms(wanted.programs, scratch, unbuilt, progress, wanted),
    );
    const folder = join(scratch, "programs");
    await mkdir(folder);
    for (const [index, { name }] of wanted.programs.entries()) {
      await rename(files[index] ?? "", join(folder, name));
    }
    progress.step(`${wanted.name}: programs ready after ${String(elapsed())} s`);
    return folder;
  });
}
