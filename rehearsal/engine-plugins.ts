import { existsSync } from "node:fs";
import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { installStandIns, plugins, type Plugin } from "./plugins";
import { withoutLogs } from "./pulumi-logs";
import { openCache } from "./tools";

/** A PULUMI_HOME with the provider plugins that the program needs. */
export interface EnginePlugins {
  readonly home: string;
  /** Those of Pulumi's own that are not installed on this machine; if any, stand-ins replace all of them. */
  readonly missing: readonly Plugin[];
}

/**
 * Provides Pulumi's provider plugins: the engineer's own if all are installed, else stand-ins for them. None is downloaded: nobody
 * publishes their digests, except beside the files themselves.
 */
export async function providePlugins(): Promise<EnginePlugins> {
  const installed = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins");
  const missing = plugins.filter(
    (plugin) => !existsSync(join(installed, folderOf(plugin), `pulumi-resource-${plugin.name}`)),
  );
  const home = join(openCache(), missing.length > 0 ? "pulumi-home-stand-ins" : "pulumi-home");
  if (missing.length > 0) {
    await installStandIns(home);
  } else {
    await link(installed, join(home, "plugins"));
  }
  await withoutLogs(home);
  return { home, missing };
}

/** The command that installs plugins of Pulumi's own. */
export function installation(missing: readonly Plugin[]): string {
  return missing.map(({ name, version }) => `pulumi plugin install resource ${name} ${version}`).join(" && ");
}

/** Puts links to the plugins that are needed into a folder, and replaces anything else that is in their places. */
async function link(installed: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const plugin of plugins) {
    const [own, place] = [join(installed, folderOf(plugin)), join(folder, folderOf(plugin))];
    if ((await readlink(place).catch(() => undefined)) !== own) {
      await rm(place, { recursive: true, force: true });
      await symlink(own, place);
    }
  }
}

function folderOf({ name, version }: Plugin): string {
  return `resource-${name}-v${version}`;
}
