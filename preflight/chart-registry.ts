import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { ReleaseRegistry } from "../components/helm";
import { chartOf } from "../components/mesh";
import { PreconditionError } from "../diagnostics";
import { ownFolder, writePrivate } from "../files";
import { findChart, hostOf, isPem, registrySection } from "../registry";
import type { Settings } from "../settings";
import type { Judged } from "./problems";
import { type Run, withoutDatum } from "./unavailable";

/** The charts that releases of a stack are made of. */
function chartNames({ linkMethod, clusters }: Settings): string[] {
  return ["base", "istiod", "cni", "ztunnel", ...(linkMethod === "chart" && clusters.length > 1 ? ["peering"] : [])];
}

/**
 * What releases pull their charts with, where the settings say it. The registry is asked whether it gives them, so that wrong
 * credentials are refused before anything is made: Pulumi's plugin pulls nothing for the first preview, whose values it does not know.
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
  if (chartRegistry === undefined || username === undefined || password === undefined || clusters.length === 0) {
    return { value: undefined, problems: [] };
  }
  const value = { username, password, ...(ca !== undefined && { caFile: caFileOf(ca) }) };
  if (offline || hostOf(charts) === undefined) {
    return { value, problems: [] };
  }
  try {
    const [first = "", ...others] = chartNames(settings);
    // What is wrong with the credentials is wrong for all.
    await findChart(chartOf(settings, first), chartRegistry);
    await Promise.all(others.map((name) => findChart(chartOf(settings, name), chartRegistry)));
    return { value, problems: [] };
  } catch (error) {
    if (!(error instanceof PreconditionError)) {
      throw error;
    }
    return { value, problems: withoutDatum("chartRegistry", run, error.statement, registrySection) };
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
