import { z } from "zod";
import { identityOf, namePrefixOf } from "../components/clusters";
import type { ClusterSettings, MadeCluster, Settings } from "../settings";
import { resourceKey, type StackState } from "../stacks";
import type { Datum } from "./datum";
import { type Judged, type Problem, warning } from "./problems";

/** A cluster of the settings, with what distinguishes it from an earlier one of the same name. */
export interface PlannedCluster {
  readonly name: string;
  readonly settings: ClusterSettings;
  /**
   * How often it was recreated with the same settings. A Command can't see that its cluster is gone: deleted by hand, or lost in a
   * rebuild that failed and was reverted. Nor is the name on the machine part of a cluster's identity. With the next number it is
   * a different cluster, created with everything inside, and the old one leaves the state.
   */
  readonly generation: number;
  /** What the Pulumi names of all its resources begin with. */
  readonly namePrefix: string;
}

/** A cluster that this stack has provisioned, from its state. */
export interface RecordedCluster {
  /** What the Pulumi names of its resources begin with. */
  readonly namePrefix: string;
  readonly machineName: string;
  readonly identity: string;
  readonly generation: number;
  /** Whether its name on the machine ends in a random suffix. */
  readonly uniqueName: boolean;
  /** The subnets that it was created with; absent for a kwok cluster. */
  readonly subnets?: { readonly podSubnet: string; readonly serviceSubnet: string };
}

/**
 * Decides for each cluster of the settings whether it is the one that exists, or a new one in its place.
 *
 * @param kindClusters The kind clusters of this stack on this machine, as {@link machineKey} names them.
 */
export function planClusters(
  { clusters, uniqueNames }: Pick<Settings, "clusters" | "uniqueNames">,
  state: StackState,
  kindClusters: Datum<ReadonlySet<string>>,
): Judged<readonly PlannedCluster[]> {
  const recorded = recordedClusters(state);
  const planned = clusters.map((settings): Judged<PlannedCluster> => {
    const { value: generation, problems } =
      settings.provisioner === "existing"
        ? { value: 0, problems: [] }
        : generationOf(settings, uniqueNames, recorded, kindClusters);
    const { name } = settings;
    return { value: { name, settings, generation, namePrefix: namePrefixOf({ ...settings, generation }) }, problems };
  });
  return { value: planned.map(({ value }) => value), problems: planned.flatMap(({ problems }) => problems) };
}

function generationOf(
  cluster: MadeCluster,
  uniqueName: boolean,
  recorded: readonly RecordedCluster[],
  kindClusters: Datum<ReadonlySet<string>>,
): Judged<number> {
  const [latest] = recorded
    .filter(({ identity, generation }) => identity === identityOf({ ...cluster, generation }))
    .toSorted((one, other) => other.generation - one.generation);
  if (latest === undefined) {
    return { value: 0, problems: [] };
  }
  const problems: Problem[] = [];
  if (latest.uniqueName !== uniqueName) {
    problems.push(
      warning(
        `Cluster ${cluster.name} has the name ${latest.machineName} on its machine, and uniqueNames asks for another one. A running ` +
          "cluster can't take it: this one and everything in it will be recreated.",
      ),
    );
  } else if (
    cluster.provisioner === "kind" &&
    kindClusters.status === "known" &&
    !kindClusters.value.has(machineKey(latest))
  ) {
    problems.push(
      warning(
        `Kind cluster ${cluster.name} no longer exists: it was deleted, or failed to be rebuilt. It and everything in it will be ` +
          "recreated.",
      ),
    );
  }
  return { value: latest.generation + problems.length, problems };
}

const Command = z.object({
  environment: z.object({ NAME: z.string(), IDENTITY: z.string(), GENERATION: z.string().default("0") }),
  stdin: z.string().default(""),
});
const KindConfiguration = z.object({ networking: z.object({ podSubnet: z.string(), serviceSubnet: z.string() }) });

/** The subnets in the configuration of a kind cluster. */
function subnetsIn(configuration: string): RecordedCluster["subnets"] {
  try {
    return KindConfiguration.parse(JSON.parse(configuration)).networking;
  } catch {
    // kwokctl's, which is YAML with a list of objects behind it.
    return undefined;
  }
}

/** The clusters that this stack has provisioned with kind or kwok. */
export function recordedClusters(state: StackState): RecordedCluster[] {
  return [...state].flatMap(([key, outputs]) => {
    const [type = "", namePrefix = ""] = key.split(" ");
    const command = type === "command:local:Command" ? Command.safeParse(outputs).data : undefined;
    if (command === undefined) {
      return [];
    }
    const { environment, stdin } = command;
    const subnets = subnetsIn(stdin);
    return [
      {
        namePrefix,
        machineName: environment.NAME,
        identity: environment.IDENTITY,
        generation: Number(environment.GENERATION),
        uniqueName: state.has(resourceKey("random:index/randomId:RandomId", `${namePrefix}-suffix`)),
        ...(subnets && { subnets }),
      },
    ];
  });
}

/** A kind cluster as kind-clusters.sh prints it. */
export function machineKey({ machineName, identity }: Pick<RecordedCluster, "machineName" | "identity">): string {
  return `${machineName} ${identity}`;
}
