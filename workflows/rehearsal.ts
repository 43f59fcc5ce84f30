import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { projectFolder, rehearsalFolder } from "../rehearsal/program";
import { passOn } from "./log";
import { lastLines, longestBody } from "./markdown";

/** The outputs of a rehearsal that a comment shows. */
const Outputs = z.object({
  topology: z.string(),
  links: z.array(z.object({ from: z.string(), to: z.string(), via: z.string() })),
  missingPeers: z.array(z.string()),
});

/** The result of a stack's rehearsal. */
export const Rehearsal = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("rehearsed"), seconds: z.int().nonnegative(), outputs: Outputs }),
  z.object({ outcome: z.literal("failed"), log: z.string() }),
]);
export type Rehearsal = z.output<typeof Rehearsal>;

/** Rehearses a stack as `npm start` does, and shows its output in the log. */
export async function rehearseStack(stack: string): Promise<Rehearsal> {
  const begin = performance.now();
  const log: string[] = [];
  const program = join(projectFolder, "bin", "flatmesh");
  const child = spawn(process.execPath, [program, "rehearse", "--stack", stack], {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const hear = (line: string): void => {
    log.push(line);
  };
  const [status] = await Promise.all([
    new Promise((resolve, reject) => child.on("error", reject).on("close", resolve)),
    passOn(child.stdout, process.stderr, hear),
    passOn(child.stderr, process.stderr, hear),
  ]);
  if (status !== 0) {
    return { outcome: "failed", log: lastLines(log.join("\n"), longestBody) };
  }
  const outputs: unknown = JSON.parse(await readFile(join(rehearsalFolder(stack), "outputs.json"), "utf8"));
  const seconds = Math.round((performance.now() - begin) / 1000);
  return { outcome: "rehearsed", seconds, outputs: Outputs.parse(outputs) };
}
