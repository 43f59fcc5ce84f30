import * as command from "@pulumi/command";
import { z } from "zod";
import { type KindClusterSettings, type Settings, warn } from "../settings/index";
import { ownState } from "../stacks/engine";
import { identityOf } from "../components/clusters/identity";
import { nobody, ownerEnvironment, type RecordedOwnership } from "../components/clusters/ownership";
import { readScript } from "../components/clusters/script";

/** A cluster that this stack has made, by its state. */
interface Made {
  readonly machineName: string;
  readonly identity: string;
  readonly generation: number;
}

/**
 * Settings whose kind clusters have the number of their present making. A Command can't see that its cluster is gone: one
 * that was deleted by hand, or whose rebuilding has failed and is taken back. With the next number it is another cluster,
 * made with everything inside, and the old one leaves the state.
 */
export async function withGenerations(settings: Settings, recorded: RecordedOwnership): Promise<Settings> {
  if (!settings.clusters.some(({ provisioner }) => provisioner === "kind")) {
    return settings;
  }
  const made = madeClusters(await ownState());
  const there = made.length === 0 ? undefined : await clustersThere(recorded);
  const clusters = settings.clusters.map((cluster) => {
    const generation = cluster.provisioner === "kind" ? generationOf(cluster, made, there) : 0;
    return generation === 0 ? cluster : { ...cluster, generation };
  });
  return { ...settings, clusters };
}

/** @param there The clusters on this machine; undefined where nobody can tell. */
function generationOf(
  cluster: KindClusterSettings,
  made: readonly Made[],
  there: ReadonlySet<string> | undefined,
): number {
  const latest = made
    .filter(({ identity, generation }) => identity === identityOf({ ...cluster, generation }))
    .reduce<Made | undefined>((last, one) => (last && last.generation > one.generation ? last : one), undefined);
  if (latest === undefined) {
    return 0;
  }
  if (there === undefined || there.has(lineOf(latest))) {
    return latest.generation;
  }
  warn(
    `Kind cluster ${cluster.name} is gone: it was deleted, or failed to be rebuilt. It is made anew, with everything in it.`,
  );
  return latest.generation + 1;
}

const Said = z.object({
  environment: z.object({ NAME: z.string(), IDENTITY: z.string(), GENERATION: z.string().default("0") }),
});

function madeClusters(state: ReadonlyMap<string, unknown>): Made[] {
  return [...state].flatMap(([key, outputs]) => {
    const said = key.startsWith("command:local:Command ") ? Said.safeParse(outputs).data : undefined;
    return said === undefined
      ? []
      : [
          {
            machineName: said.environment.NAME,
            identity: said.environment.IDENTITY,
            generation: Number(said.environment.GENERATION),
          },
        ];
  });
}

/** What kind-clusters.sh prints of a cluster. */
function lineOf({ machineName, identity }: Pick<Made, "machineName" | "identity">): string {
  return `${machineName} ${identity}`;
}

async function clustersThere({ owner = nobody, former }: RecordedOwnership): Promise<ReadonlySet<string> | undefined> {
  const { stdout } = await command.local.run({
    command: readScript("kind-clusters.sh"),
    environment: {
      ...ownerEnvironment(owner),
      FORMER_MARKS: [...former.values()].map(({ mark }) => mark).join(" "),
    },
    logging: command.local.Logging.None,
  });
  const lines = stdout.trim().split("\n");
  return lines.at(-1) === "." ? new Set(lines) : undefined;
}
