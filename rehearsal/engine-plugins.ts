import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Console } from "./console";
import { installStandIns, plugins } from "./plugins";
import { withoutLogs } from "./pulumi-logs";
import { cacheFolder, type Toolbox } from "./tools";

/** A PULUMI_HOME with the provider plugins that the program needs. */
export interface EnginePlugins {
  readonly home: string;
  /** Whether they are Pulumi's own, or stand-ins that do the same work. */
  readonly real: boolean;
}

const downloadTimeout = 300_000;

/**
 * Provides Pulumi's provider plugins: the engineer's own, else downloaded ones, else stand-ins for them. What it came to is
 * kept: it takes a deletion of the cache folder to look again.
 */
export async function providePlugins(tools: Toolbox, console: Console): Promise<EnginePlugins> {
  const real = join(cacheFolder(), "pulumi-home");
  const standIns = join(cacheFolder(), "pulumi-home-stand-ins");
  const downloaded = !existsSync(standIns) && (await haveReal(real, tools, console));
  if (!downloaded) {
    await installStandIns(standIns);
  }
  const home = downloaded ? real : standIns;
  await withoutLogs(home);
  return { home, real: downloaded };
}

async function haveReal(home: string, tools: Toolbox, console: Console): Promise<boolean> {
  for (const { name, version } of plugins) {
    const folder = join("plugins", `resource-${name}-v${version}`);
    if (existsSync(join(home, folder))) {
      continue;
    }
    const own = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), folder);
    if (existsSync(join(own, `pulumi-resource-${name}`))) {
      await mkdir(join(home, "plugins"), { recursive: true });
      await symlink(own, join(home, folder));
      continue;
    }
    console.step(`downloading Pulumi's ${name} plugin ${version}`);
    try {
      await promisify(execFile)(
        join(tools.pulumiRoot, "bin", "pulumi"),
        ["plugin", "install", "resource", name, version],
        {
          env: { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" },
          timeout: downloadTimeout,
        },
      );
    } catch {
      return false;
    }
  }
  return true;
}
