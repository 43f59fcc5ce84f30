import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { ReleaseRegistry } from "../components/helm";
import { chartOf } from "../components/mesh";
import { PreconditionError } from "../diagnostics";
import { ownFolder, writePrivate } from "../files";
import { ChartRefused, findChart, hostOf, isPem, registrySection } from "../registry";
import { type ChartRegistrySettings, registries, type Settings } from "../settings";
import type { Judged, Problem } from "./problems";
import { type Run, withoutDatum } from "./unavailable";

/** The charts that releases of a stack are made of. */
function chartNames({ linkMethod, clusters }: Settings): string[] {
  return ["base", "istiod", "cni", "ztunnel", ...(linkMethod === "chart" && clusters.length > 1 ? ["peering"] : [])];
}

/**
 * What releases pull their charts with, where the settings say it. The registry is asked whether it gives them, so that wrong or
 * missing credentials are refused before anything is made: Pulumi's plugin pulls nothing for the first preview, whose values it does
 * not know.
 *
 * @throws PreconditionError for an authority that can't be read or kept.
 */
export async function readChartRegistry(
  settings: Settings,
  run: Run,
  offline: boolean,
): Promise<Judged<ReleaseRegistry | undefined>> {
  const { chartRegistry, charts, clusters } = settings;
  const { username, password, ca } = chartRegistry ?? {};
  if (clusters.length === 0) {
    return { value: undefined, problems: [] };
  }
  if (chartRegistry === undefined || username === undefined || password === undefined) {
    return { value: undefined, problems: offline ? [] : await loginProblems(settings, run) };
  }
  const value = { username, password, ...(ca !== undefined && { caFile: caFileOf(ca) }) };
  if (offline || hostOf(charts) === undefined) {
    return { value, problems: [] };
  }
  try {
    await findCharts(settings, chartRegistry);
    return { value, problems: [] };
  } catch (error) {
    if (!(error instanceof PreconditionError)) {
      throw error;
    }
    return { value, problems: withoutDatum("chartRegistry", run, error.statement, registrySection) };
  }
}

async function findCharts(settings: Settings, registry?: ChartRegistrySettings): Promise<void> {
  const [first = "", ...others] = chartNames(settings);
  // What is wrong with the credentials is wrong for all.
  await findChart(chartOf(settings, first), registry);
  await Promise.all(others.map((name) => findChart(chartOf(settings, name), registry)));
}

/**
 * Whether a registry of the stack's own gives its charts for the login of whoever runs the program. Where it can't be asked, Helm
 * may still reach and trust it: only what the registry itself answers counts.
 */
async function loginProblems(settings: Settings, run: Run): Promise<readonly Problem[]> {
  const { charts, distribution, istioVersion } = settings;
  if (hostOf(charts) === undefined || charts.startsWith(registries(distribution, istioVersion).charts)) {
    // A file, or a source that is everybody's.
    return [];
  }
  try {
    await findCharts(settings);
    return [];
  } catch (error) {
    if (!(error instanceof PreconditionError)) {
      throw error;
    }
    return error instanceof ChartRefused ? withoutDatum("chartLogin", run, error.statement, registrySection) : [];
  }
}

/**
 * The authority as a file, as Pulumi's plugin takes it. Its path is an input of every release, so it is the same on every machine,
 * and stays where the certificate changes.
 */
function caFileOf(ca: string): string {
  if (!isPem(ca)) {
    return ca;
  }
  const folder = ".flatmesh";
  const file = join(folder, `chart-registry-ca.${pulumi.getStack()}.pem`);
  let problem: string | undefined;
  try {
    problem = ownFolder(folder);
    if (problem === undefined) {
      writePrivate(file, ca);
    }
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  if (problem !== undefined) {
    throw new PreconditionError(
      `chartRegistry.ca: its file ${file} can't be written: ${problem}. Or write the path of a PEM file in place of the certificate.`,
      registrySection,
    );
  }
  return file;
}
