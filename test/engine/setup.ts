import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node" with { "resolution-mode": "import" };
import { withoutLogs } from "../../rehearsal/pulumi-logs";
import { pulumiRoot } from "../support/pulumi";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder with `bin/pulumi` in it. */
    pulumiRoot: string;
    /** A PULUMI_HOME with nothing in it: echo providers are served by the tests themselves. */
    pulumiHome: string;
  }
}

/** The engine is provided once for all files of tests. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  provide("pulumiRoot", await pulumiRoot());
  const pulumiHome = await mkdtemp(join(tmpdir(), "flatmesh-engine-"));
  await withoutLogs(pulumiHome);
  provide("pulumiHome", pulumiHome);
  return () => rm(pulumiHome, { recursive: true, force: true });
}
