import * as command from "@pulumi/command";
import {
  balancersCommand,
  imagesCommand,
  kindClustersCommand,
  type Neighbour,
  nodesCommand,
  type RecordedOwnership,
} from "../components/clusters";
import { type Datum, absent, known, notLookedAt, unavailable } from "./datum";
import { machineKey, type PlannedCluster, recordedClusters } from "./cluster-plan";
import { balancerContainer } from "./drift/balancer-container";
import type { OwnStack } from "./engine";
import type { Problem } from "./problems";
import type { Settings } from "../settings";
import { type Run, withoutDatum } from "./unavailable";

/** The stack's kind clusters on this machine: see {@link machineKey}. */
export type KindClusters = Datum<ReadonlySet<string>>;

/** Absent if the stack has made none yet. On a machine that has none of them, they may be gone or elsewhere. */
export async function readKindClusters(
  { clusters }: Pick<Settings, "clusters">,
  { state }: OwnStack,
  recorded: RecordedOwnership,
  offline: boolean,
): Promise<KindClusters> {
  if (!clusters.some(({ provisioner }) => provisioner === "kind") || recordedClusters(state).length === 0) {
    return absent;
  }
  if (offline) {
    return notLookedAt;
  }
  const { stdout } = await command.local.run(kindClustersCommand(recorded));
  const lines = stdout.trim().split("\n");
  return lines.at(-1) === "."
    ? known(new Set(lines.slice(0, -1)))
    : unavailable("no container engine answers here, or no kind cluster was ever on this machine");
}

/** The nodes and images of the stack's kind clusters, and of their neighbours, on this machine. */
export interface KindMachine {
  /** What nodes.sh prints for each cluster, by name prefix; one that does not exist yet has no entry. */
  readonly nodes: Readonly<Record<string, string>>;
  /** The same for the kind clusters of peer stacks, by their names in the mesh. */
  readonly neighbourNodes: Readonly<Record<string, string>>;
  /** What images.sh prints for the images to preload. */
  readonly images: string;
  /** What load-balancers.sh prints of the stack's container; empty if it has none yet, and where nobody looked. */
  readonly balancers: string;
}

export interface KindMachineQuestions {
  readonly clusters: readonly PlannedCluster[];
  readonly neighbours: readonly Neighbour[];
  /** The images to preload. */
  readonly images: readonly string[];
  readonly own: OwnStack;
  readonly recorded: RecordedOwnership;
  readonly existing: KindClusters;
  /** Whether to look for what has changed since the last update. */
  readonly detectDrift: boolean;
  readonly offline: boolean;
}

export async function readKindMachine(questions: KindMachineQuestions): Promise<Datum<KindMachine>> {
  const { clusters, neighbours, images, own, recorded, existing, detectDrift, offline } = questions;
  if (!clusters.some(({ settings }) => settings.provisioner === "kind")) {
    return absent;
  }
  if (offline) {
    return notLookedAt;
  }
  const ownClusters = new Map(recordedClusters(own.state).map((cluster) => [cluster.namePrefix, cluster]));
  // If none exists yet, any machine will do.
  const isMade = clusters.some(
    ({ namePrefix, settings }) => settings.provisioner === "kind" && ownClusters.has(namePrefix),
  );
  if (existing.status === "unavailable" && isMade) {
    return existing;
  }
  const { owner } = recorded;
  const here = clusters.flatMap(({ namePrefix }) => {
    const cluster = ownClusters.get(namePrefix);
    return cluster && owner !== undefined && existing.status === "known" && existing.value.has(machineKey(cluster))
      ? [{ namePrefix, machineName: cluster.machineName, owner }]
      : [];
  });
  const printed = async (asked: command.local.RunArgs) => (await command.local.run(asked)).stdout;
  const container = detectDrift && here.length > 0 ? balancerContainer(own.state) : undefined;
  const [nodes, neighbourNodes, present, balancers] = await Promise.all([
    Promise.all(
      here.map(async (cluster) => [cluster.namePrefix, await printed(nodesCommand(cluster, detectDrift))] as const),
    ),
    Promise.all(neighbours.map(async (neighbour) => [neighbour.name, await printed(nodesCommand(neighbour))] as const)),
    images.length === 0 ? "" : printed(imagesCommand(images)),
    container === undefined ? "" : printed(balancersCommand(container)),
  ]);
  return known({
    nodes: Object.fromEntries(nodes),
    neighbourNodes: Object.fromEntries(neighbourNodes),
    images: present,
    balancers,
  });
}

/** An update on a machine without the clusters would create routes to nowhere, or a second set of clusters. */
export function judgeKindMachine(machine: Datum<KindMachine>, run: Run): readonly Problem[] {
  return machine.status !== "unavailable" || machine.offline
    ? []
    : withoutDatum(
        "machine",
        run,
        `This machine has none of the stack's kind clusters: ${machine.reason}. Run pulumi up on the machine that has them. If they ` +
          "are gone for good, run pulumi destroy, and pulumi up again.",
        "docs/kind.md#another-machine",
      );
}
