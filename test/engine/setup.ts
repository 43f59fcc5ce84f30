import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node" with { "resolution-mode": "import" };
import { withoutLogs } from "../../rehearsal/pulumi-logs";
import { pulumiRoot } from "../support/pulumi";
import { installEchoPlugins } from "./support/plugins";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder with `bin/pulumi` in it. */
    pulumiRoot: string;
    /** A PULUMI_HOME with the echo plugins in it. */
    pulumiHome: string;
  }
}

/** The engine is provided, and its plugins built, once for all files of tests. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  provide("pulumiRoot", await pulumiRoot());
  const pulumiHome = await mkdtemp(join(tmpdir(), "flatmesh-engine-"));
  await installEchoPlugins(pulumiHome);
  await withoutLogs(pulumiHome);
  provide("pulumiHome", pulumiHome);
  return () => rm(pulumiHome, { recursive: true, force: true });
}
