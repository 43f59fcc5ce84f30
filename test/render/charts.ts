import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract } from "tar";
import { parse } from "yaml";
import { chartOf, istioTag, releaseNames } from "../../components/mesh";
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
    /** What is installed where nobody says otherwise. */
    readonly defaults: Tree,
    /** Its templates without parentheses, so that `($.Values.global).platform` reads like `$.Values.global.platform`. */
    private readonly templates: string,
  ) {}

  static async open(folder: string): Promise<Chart> {
    const values = parse(await readFile(join(folder, "values.yaml"), "utf8")) as Tree;
    const files = await readdir(join(folder, "templates"));
    const templates = await Promise.all(files.map((file) => readFile(join(folder, "templates", file), "utf8")));
    // Istio's charts keep their defaults under this key, so that they can merge a profile between those and the user's values.
    const defaults = (values["_internal_defaults_do_not_set"] ?? values) as Tree;
    return new Chart(folder, defaults, templates.join("\n").replace(/[()]/g, ""));
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

  /**
   * Whether a value, given by the keys that lead to it, does anything: the chart has a default for it, takes any key at that place,
   * or reads it in a template.
   */
  knows(path: readonly string[]): boolean {
    // Values may also stand under the key that they had when Istio was one chart, such as `pilot`.
    const [, formerKey] = /index \$\.Values "(\w+)"/.exec(this.templates) ?? [];
    const paths = path[0] === formerKey ? [path, path.slice(1)] : [path];
    return paths.some((keys) => hasDefault(this.defaults, keys) || this.isRead(keys));
  }

  private isRead(path: readonly string[]): boolean {
    const [, ...rests] = this.templates.split(`.Values.${path.join(".")}`);
    const dug = `dig ${path.map((key) => `"${key}"`).join(" ")} `;
    return rests.some((rest) => !/^\w/.test(rest)) || this.templates.includes(dug);
  }
}

function hasDefault(defaults: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) {
    return true;
  }
  if (typeof defaults !== "object" || defaults === null) {
    return false;
  }
  // An empty map is for keys of the user's own, and the mesh's configuration goes to istiod as it is.
  const takesAny = Object.keys(defaults).length === 0 || key === "meshConfig";
  return takesAny || (key in defaults && hasDefault((defaults as Tree)[key], rest));
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
      await extract({ file: chartOf({ ...settings, charts: packages }, name).chart, cwd, strip: 1 });
      return [name, await Chart.open(cwd)] as const;
    }),
  );
  return {
    ...(Object.fromEntries(charts) as Record<ChartName, Chart>),
    close: () => rm(folder, { recursive: true }),
  };
}

/** The four charts of a mesh, by name, until they are closed. */
export type Charts = Readonly<Record<ChartName, Chart>> & { close(): Promise<void> };
