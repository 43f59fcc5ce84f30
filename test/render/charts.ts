import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract } from "tar";
import { parse } from "yaml";
import { chartOf, istioTag, releaseNames } from "../../components/mesh";
import { type Chart as ReadChart, knows, readChart } from "../../preflight/chart-values/chart";
import { provideIstioCharts } from "../../rehearsal/tools";
import type { Settings } from "../../settings";

/** Istio's own name of a chart. */
export type ChartName = keyof typeof releaseNames;
export const chartNames = Object.keys(releaseNames) as ChartName[];

export type Tree = Readonly<Record<string, unknown>>;

/** Told on standard error: the first time on a machine the charts have to be had, which takes a while. */
export const progress = {
  step: (message: string): void => {
    process.stderr.write(`${message}\n`);
  },
};

/** One of upstream's charts, unpacked. */
export class Chart {
  private constructor(
    readonly folder: string,
    private readonly chart: ReadChart,
  ) {}

  /** @param file The packaged chart, which `folder` has unpacked. */
  static async open(folder: string, file: string): Promise<Chart> {
    return new Chart(folder, await readChart(file));
  }

  /** What is installed where nobody says otherwise. */
  get defaults(): Tree {
    return this.chart.defaults;
  }

  /** Whether a value, given by the keys that lead to it, does anything. */
  knows(path: readonly string[]): boolean {
    return knows(this.chart, path);
  }

  /** The platforms that it has a profile for. */
  async platforms(): Promise<string[]> {
    const files = await readdir(join(this.folder, "files"));
    return files.flatMap((file) => /^profile-platform-(.*)\.yaml$/.exec(file)?.[1] ?? []);
  }

  /** The values of its profile for a platform. */
  async platformProfile(platform: string): Promise<Tree> {
    return parse(await readFile(join(this.folder, "files", `profile-platform-${platform}.yaml`), "utf8")) as Tree;
  }
}

/**
 * Upstream's charts in the settings' version, as a rehearsal has them: those of the release where Istio's chart repository can be
 * reached, else those of its Go module, which is newer. They stand for Solo's too, which can't be had without a licence.
 */
export async function openCharts(settings: Settings): Promise<Charts> {
  const packages = await provideIstioCharts(istioTag(settings), progress);
  const folder = await mkdtemp(join(tmpdir(), "istio-charts-"));
  const charts = await Promise.all(
    chartNames.map(async (name) => {
      const cwd = join(folder, name);
      await mkdir(cwd);
      // A packaged chart has its folder at the top.
      const file = chartOf({ ...settings, charts: packages }, name).chart;
      await extract({ file, cwd, strip: 1 });
      return [name, await Chart.open(cwd, file)] as const;
    }),
  );
  return {
    ...(Object.fromEntries(charts) as Record<ChartName, Chart>),
    close: () => rm(folder, { recursive: true }),
  };
}

/** The four charts of a mesh, by name, until they are closed. */
export type Charts = Readonly<Record<ChartName, Chart>> & { close(): Promise<void> };
