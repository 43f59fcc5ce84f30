import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { istioTag } from "../components/mesh";
import type { Config, Settings } from "../settings";
import type { Console } from "./console";
import { provideIstioCharts, type Toolbox } from "./tools";

/** How long a registry may take to answer. */
const timeoutMs = 15_000;

/** Settings that name local copies of charts that can't be reached from here. */
export async function localSources(settings: Settings, tools: Toolbox, console: Console): Promise<Config> {
  const helm = tools.programs["helm"] ?? "helm";
  const { charts, linkMethod } = settings;
  const version = istioTag(settings);
  const run = (...args: string[]): Promise<unknown> => promisify(execFile)(helm, args, { timeout: timeoutMs });
  const canPull = run("show", "chart", `${charts}/base`, "--version", version).then(
    () => true,
    () => false,
  );
  if (!charts.startsWith("oci://") || (await canPull)) {
    return {};
  }
  const folder = await provideIstioCharts(version, console);
  if (linkMethod === "chart") {
    await run("package", join(__dirname, "charts", "peering"), "--version", version, "--destination", folder);
  }
  console.step(`${charts} can't be reached: upstream's charts are used as ${version}`);
  return { charts: folder };
}
