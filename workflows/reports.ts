import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import type { StackReport } from "./comment";
import { Preview } from "./preview";
import { Rehearsal } from "./rehearsal";

/** Writes what a job has found about a stack, for the job that tells of all of them. */
export async function writeReport(folder: string, stack: string, report: Preview | Rehearsal): Promise<void> {
  const kind = report.outcome === "rehearsed" || "log" in report ? "rehearsal" : "preview";
  await mkdir(folder, { recursive: true });
  await writeFile(file(folder, stack, kind), JSON.stringify(report));
}

/** Reads what the jobs have found; what a job has not left is absent. */
export async function readReports(folder: string, stacks: readonly string[]): Promise<StackReport[]> {
  return Promise.all(
    stacks.map(async (stack) => ({
      stack,
      preview: await read(file(folder, stack, "preview"), Preview),
      rehearsal: await read(file(folder, stack, "rehearsal"), Rehearsal),
    })),
  );
}

async function read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema> | undefined> {
  return existsSync(path) ? schema.parse(JSON.parse(await readFile(path, "utf8"))) : undefined;
}

function file(folder: string, stack: string, kind: "preview" | "rehearsal"): string {
  return join(folder, `${stack}.${kind}.json`);
}
