import { lstat, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { z } from "zod";
import type { StackReport, Unreadable } from "./comment";
import { Preview } from "./preview";
import { Rehearsal } from "./rehearsal";

/** In bytes; a plan of a thousand resources has a few hundred thousand. */
const largest = 2 ** 24;

/** Writes what a job has found about a stack, for the job that reports on all of them. */
export async function writeReport(folder: string, stack: string, report: Preview | Rehearsal): Promise<void> {
  const kind = report.outcome === "rehearsed" || "log" in report ? "rehearsal" : "preview";
  const path = file(folder, stack, kind);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(report));
}

/** Reads what the jobs have found; a report that a job has not left is absent. */
export async function readReports(folder: string, stacks: readonly string[]): Promise<StackReport[]> {
  return Promise.all(
    stacks.map(async (stack) => ({
      stack,
      preview: await read(file(folder, stack, "preview"), Preview),
      rehearsal: await read(file(folder, stack, "rehearsal"), Rehearsal),
    })),
  );
}

/** The jobs run code of the pull request: they may leave anything. */
async function read<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | Unreadable | undefined> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) {
    return undefined;
  }
  if (status.isFile() && status.size <= largest) {
    const report = schema.safeParse(jsonIn(await readFile(path, "utf8")));
    if (report.success) {
      return report.data;
    }
  }
  return { outcome: "unreadable" };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** In a folder of its own, which the workflow uploads and downloads by that name, so that no job can leave another one's report. */
function file(folder: string, stack: string, kind: "preview" | "rehearsal"): string {
  return join(folder, `${kind}-${stack}`, "report.json");
}
