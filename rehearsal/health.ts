import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Toolbox } from "./tools";
import { environment, kwokFolder } from "./workspace";

/** Whether every cluster of a rehearsal still answers: none does after the machine was restarted. */
export async function clustersAnswer(folder: string, tools: Toolbox): Promise<boolean> {
  const clusters = join(kwokFolder(folder), "clusters");
  const names = existsSync(clusters) ? await readdir(clusters) : [];
  const answers = await Promise.all(
    names.map((name) =>
      promisify(execFile)("kwokctl", ["--name", name, "kubectl", "get", "--raw", "/readyz"], {
        env: { ...process.env, ...environment(folder, tools) },
        timeout: 10_000,
      }).then(
        () => true,
        () => false,
      ),
    ),
  );
  return answers.every(Boolean);
}
