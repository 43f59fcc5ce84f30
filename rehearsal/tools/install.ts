import { batchesOf, type Batch } from "./batches";
import { withScratch } from "./cache";
import type { ToolName } from "./catalogue";
import { messageOf } from "./errors";
import { keepTool } from "./kepttool";
import { withNetwork, type Network } from "./network";
import { platformOf } from "./platform";
import { stopwatch, withHeartbeat, type Progress } from "./progress";
import { explain, probesOf, roadsOf, type Obstacles } from "./roads";
import { unobtainable } from "./unobtainable";

/**
 * Fills the cache with the tools, each on the first of its roads that leads there; throws one ToolError about all that
 * can't be had. To be called with the cache's lock held.
 */
export async function obtain(names: readonly ToolName[], progress: Progress): Promise<void> {
  const platform = platformOf(process.platform, process.arch);
  await withNetwork(async (network) => {
    const obstacles = await findObstacles(probesOf(names, platform), network);
    const untried = new Map(names.map((name) => [name, [...roadsOf(name, platform, obstacles)]]));
    const reasons = new Map<ToolName, readonly string[]>();
    let wanted = names;
    if (obstacles.size > 0) {
      const hosts = [...obstacles].map(([host, reason]) => `${host} (${reason})`).join(", ");
      progress.step(`out of reach: ${hosts}; package registries are used instead`);
    }
    while (wanted.length > 0) {
      const roads = wanted.flatMap((name) => untried.get(name)?.shift() ?? []);
      if (roads.length === 0) {
        throw unobtainable(wanted, reasons, obstacles);
      }
      for (const line of explain(roads)) {
        progress.step(line);
      }
      const failures = await fillAll(batchesOf(roads, network, progress), progress);
      for (const [name, reason] of failures) {
        reasons.set(name, [...(reasons.get(name) ?? []), reason]);
      }
      const had = roads.map(({ name }) => name).filter((name) => !failures.has(name));
      wanted = wanted.filter((name) => !had.includes(name));
    }
  });
}

/** Why the hosts can't be reached that can't. They are asked all at once, so that this takes three seconds at most. */
async function findObstacles(probes: ReadonlyMap<string, string>, network: Network): Promise<Obstacles> {
  const answers = await Promise.all(
    [...probes].map(async ([host, address]) => [host, await network.obstacle(address)] as const),
  );
  return new Map(answers.flatMap(([host, obstacle]) => (obstacle === undefined ? [] : [[host, obstacle] as const])));
}

/** Takes the programs of all batches into the cache, side by side; gives the reasons of those that failed. */
async function fillAll(batches: readonly Batch[], progress: Progress): Promise<ReadonlyMap<ToolName, string>> {
  const failures = new Map<ToolName, string>();
  await Promise.all(
    batches.map(async (batch) => {
      try {
        await fill(batch, progress);
      } catch (error) {
        const reason = messageOf(error);
        progress.step(`could not get ${namesOf(batch)}: ${reason}`);
        batch.roads.forEach(({ name }) => failures.set(name, reason));
      }
    }),
  );
  return failures;
}

async function fill(batch: Batch, progress: Progress): Promise<void> {
  const elapsed = stopwatch();
  await withScratch("tools", async (folder) => {
    const files = await withHeartbeat(
      progress,
      () => `still ${batch.doing()} … ${String(elapsed())} s`,
      () => batch.take(folder),
    );
    for (const [index, road] of batch.roads.entries()) {
      await keepTool(road, files[index] ?? "");
    }
  });
  progress.step(`${namesOf(batch)}: ready after ${String(elapsed())} s`);
}

function namesOf({ roads }: Batch): string {
  return roads.map(({ name }) => name).join(", ");
}
