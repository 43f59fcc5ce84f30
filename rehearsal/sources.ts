import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { istioTag } from "../components/mesh";
import type { Config, Settings } from "../settings";
import type { Console } from "./console";
import { provideGatewayApi, provideIstioCharts, type Toolbox } from "./tools";

/** How long a registry or a web server may take to answer. */
const timeoutMs = 15_000;

/** Settings that name local copies of what can't be reached from here: charts, and the Gateway API's definitions. */
export async function localSources(settings: Settings, tools: Toolbox, console: Console): Promise<Config> {
  const helm = tools.programs["helm"] ?? "helm";
  const [charts, gatewayApi] = await Promise.all([
    localCharts(settings, helm, console),
    localGatewayApi(settings, console),
  ]);
  return { ...charts, ...gatewayApi };
}

async function localCharts(settings: Settings, helm: string, console: Console): Promise<Config> {
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

async function localGatewayApi({ gatewayApi }: Settings, console: Console): Promise<Config> {
  if (gatewayApi.manifests !== undefined || (await answers("https://github.com"))) {
    return {};
  }
  const manifests = await provideGatewayApi(gatewayApi.version, console);
  console.step(`github.com can't be reached: the Gateway API ${gatewayApi.version} is taken from its Go module`);
  return { gatewayApi: JSON.stringify({ ...gatewayApi, manifests }) };
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { method: "HEAD", signal: AbortSignal.timeout(timeoutMs) }).then(
    () => true,
    () => false,
  );
}
