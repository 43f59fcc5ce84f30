import { catalogue, type Download, type GoSource, type NpmSource, type ToolName } from "./catalogue";
import type { Digest } from "./digest";
import type { Platform } from "./platform";

/** One way to have one tool. */
export type Road =
  | { readonly by: "download"; readonly name: ToolName; readonly source: Download }
  | { readonly by: "npm"; readonly name: ToolName; readonly source: NpmSource }
  | { readonly by: "go"; readonly name: ToolName; readonly source: GoSource };

/** Why a host can't be reached, by host name; one that isn't in it can. */
export type Obstacles = ReadonlyMap<string, string>;

/** The hosts that the tools' downloads are on, each with an address that shows whether it can be reached. */
export function probesOf(names: readonly ToolName[], platform: Platform): ReadonlyMap<string, string> {
  const addresses = names.flatMap((name) => catalogue[name].download(platform)?.url ?? []);
  return new Map(addresses.map((address) => [new URL(address).host, address]));
}

/**
 * The ways to have a tool, best first: a download where its hosts can be reached, then a ready program from the npm
 * registry, both a matter of seconds; then a build with Go.
 */
export function roadsOf(name: ToolName, platform: Platform, obstacles: Obstacles): readonly Road[] {
  const tool = catalogue[name];
  const roads: Road[] = [];
  const download = tool.download(platform);
  if (download !== undefined && !obstacles.has(new URL(download.url).host)) {
    roads.push({ name, by: "download", source: download });
  }
  const npm = tool.npm(platform);
  if (npm !== undefined) {
    roads.push({ name, by: "npm", source: npm });
  }
  return [...roads, { name, by: "go", source: tool.go }];
}

/** What to tell the user about roads that are taken: a line for each kind. */
export function explain(roads: readonly Road[]): readonly string[] {
  const list = (by: Road["by"], introduction: string, remark = ""): string[] => {
    const tools = roads.filter((road) => road.by === by).map(({ name, source }) => `${name} ${source.version}`);
    return tools.length === 0 ? [] : [`${introduction} ${tools.join(", ")}${remark}`];
  };
  return [
    ...list("download", "downloading"),
    ...list("npm", "from the npm registry:"),
    ...list("go", "building from Go modules:", " (once; all of them take about 8 minutes on 2 free cores)"),
  ];
}

/** How a tool was had on that road, for the user. */
export function originOf({ by, source }: Road): string {
  switch (by) {
    case "download":
      return `downloaded from ${source.url}`;
    case "npm":
      return `taken from the npm package ${source.spec}`;
    case "go":
      return `built from the Go module ${source.module} v${source.version}`;
  }
}

/** What the program of that road has to hash to; undefined where only an archive's or a source's digest is known. */
export function programDigestOf({ by, source }: Road): Digest | undefined {
  switch (by) {
    case "download":
      return source.member === undefined ? source.digest : undefined;
    case "npm":
      return source.digest;
    case "go":
      return undefined;
  }
}
