import { catalogue, type Download, type GoSource, type NpmSource, type Platform, type ToolName } from "./catalogue";
import type { Digest } from "./digests";

/** One way to obtain one tool. */
export type Candidate =
  | { readonly by: "download"; readonly name: ToolName; readonly source: Download }
  | { readonly by: "npm"; readonly name: ToolName; readonly source: NpmSource }
  | { readonly by: "go"; readonly name: ToolName; readonly source: GoSource };

/** Why a host can't be reached, by host name. All other hosts can be. */
export type UnreachableHosts = ReadonlyMap<string, string>;

/** The hosts of the tools' downloads, each with an address to try it with. */
export function probeUrls(names: readonly ToolName[], platform: Platform): ReadonlyMap<string, string> {
  const addresses = names.flatMap((name) => catalogue[name].download(platform)?.url ?? []);
  return new Map(addresses.map((address) => [new URL(address).host, address]));
}

/**
 * The ways to obtain a tool, best first: a download if its host can be reached, then a ready program from the npm registry,
 * both a matter of seconds; then a build with Go.
 */
export function candidatesFor(name: ToolName, platform: Platform, unreachable: UnreachableHosts): readonly Candidate[] {
  const tool = catalogue[name];
  const candidates: Candidate[] = [];
  const download = tool.download(platform);
  if (download !== undefined && !unreachable.has(new URL(download.url).host)) {
    candidates.push({ name, by: "download", source: download });
  }
  const npm = tool.npm(platform);
  if (npm !== undefined) {
    candidates.push({ name, by: "npm", source: npm });
  }
  return [...candidates, { name, by: "go", source: tool.go }];
}

/** What to tell the user about the candidates in use: a line for each kind. */
export function explain(candidates: readonly Candidate[]): readonly string[] {
  const list = (by: Candidate["by"], introduction: string, remark = ""): string[] => {
    const tools = candidates
      .filter((candidate) => candidate.by === by)
      .map(({ name, source }) => `${name} ${source.version}`);
    return tools.length === 0 ? [] : [`${introduction} ${tools.join(", ")}${remark}`];
  };
  return [
    ...list("download", "downloading"),
    ...list("npm", "from the npm registry:"),
    ...list("go", "building from Go modules:", " (once; all of them take about 8 minutes on 2 free cores)"),
  ];
}

/** How a tool was obtained, for the user. */
export function originOf({ by, source }: Candidate): string {
  switch (by) {
    case "download":
      return `downloaded from ${source.url}`;
    case "npm":
      return `taken from the npm package ${source.spec}`;
    case "go":
      return `built from the Go module ${source.module} v${source.version}`;
  }
}

/** The digest of the program itself; undefined if only that of its archive or its source code is known. */
export function programDigestOf({ by, source }: Candidate): Digest | undefined {
  switch (by) {
    case "download":
      return source.member === undefined ? source.digest : undefined;
    case "npm":
      return source.digest;
    case "go":
      return undefined;
  }
}
