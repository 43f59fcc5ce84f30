import { identityOf } from "../components/clusters";
import { printableLine } from "../printable";
import {
  type ClusterSettings,
  contains,
  type KindClusterSettings,
  overlap,
  parseSubnet,
  planAddresses,
  type Settings,
  type Subnet,
  type SubnetRequest,
  subnetText,
} from "../settings";
import type { StackState } from "../stacks";
import { type RecordedCluster, recordedClusters } from "./cluster-plan";
import type { EngineNetwork, EngineNetworks } from "./engine-networks";
import { failure, information, type Judged, type Problem, warning } from "./problems";
import type { Run } from "./unavailable";

const subnetKeys = ["podSubnet", "serviceSubnet"] as const;
const section = "docs/kind.md#subnets";

/** Whether a plan depends on the networks of this machine: some kind cluster is not in the state yet. */
export function needsNetworks(settings: Settings, state: StackState): boolean {
  return plans(settings, state).some(({ isNew }) => isNew);
}

/**
 * Settings whose kind clusters have subnets that this machine can give them. What is in the state stays as it is, also where the
 * address plan alone would move it; what is new evades the container engine's networks.
 */
export function planSubnets(
  settings: Settings,
  state: StackState,
  { networks, pools }: EngineNetworks,
  run: Run,
): Judged<Settings> {
  const planned = plans(settings, state);
  const pool = parseSubnet(settings.addressPool);
  const requests = planned.map(({ request }) => request);
  const taken = networks.flatMap(({ subnets }) => subnets);
  const [best, enough] = [[...taken, ...pools], taken].map((occupied) => planAddresses(pool, requests, occupied));
  const isComplete = best?.every(({ podSubnet, serviceSubnet }, index) => {
    return requests[index]?.plan !== true || (podSubnet && serviceSubnet);
  });
  const subnets = (isComplete ? best : enough) ?? [];

  const problems: Problem[] = [];
  const clusters = planned.map(({ cluster, request, isNew }, index): ClusterSettings => {
    if (cluster.provisioner !== "kind") {
      return cluster;
    }
    let result = cluster;
    for (const key of subnetKeys) {
      const subnet = subnets[index]?.[key];
      const network =
        isNew && networks.find((one) => one.subnets.some((other) => overlap(other, parseSubnet(cluster[key]))));
      if (request[key] === undefined && subnet !== undefined) {
        const text = subnetText(subnet);
        if (text !== cluster[key] && network) {
          problems.push(information(moved(cluster, key, text, network)));
        }
        result = { ...result, [key]: text };
      } else if (network) {
        const message = collision(cluster, key, request[key] !== undefined, network);
        problems.push(run === "update" ? failure(message, section) : warning(message));
      }
    }
    return result;
  });
  return { value: { ...settings, clusters }, problems };
}

interface PlannedSubnets {
  readonly cluster: ClusterSettings;
  /** What it asks the plan for: what is given, or is to stay, is not planned. */
  readonly request: SubnetRequest;
  /** Whether it is a kind cluster that is not in the state. */
  readonly isNew: boolean;
}

function plans(settings: Settings, state: StackState): PlannedSubnets[] {
  const recorded = recordedClusters(state);
  const pool = parseSubnet(settings.addressPool);
  return settings.clusters.map((cluster, index): PlannedSubnets => {
    const request = settings.subnetRequests[index] ?? { plan: false };
    if (cluster.provisioner !== "kind") {
      return { cluster, request: fixed(cluster), isNew: false };
    }
    // Neither what is given to others, nor what others than kind clusters are planned to have, which this does not change.
    const others = settings.clusters.flatMap((other, at) => {
      const { podSubnet, serviceSubnet } =
        other.provisioner === "kind" ? (settings.subnetRequests[at] ?? {}) : fixed(other);
      return at === index ? [] : [podSubnet, serviceSubnet].filter((subnet) => subnet !== undefined);
    });
    const existing =
      recorded.find((one) => isSame(cluster, one)) ??
      recorded.find(
        (one) =>
          one.subnets && isSame({ ...cluster, ...one.subnets }, one) && mayStay(one.subnets, request, pool, others),
      );
    const kept = existing && { ...cluster, ...existing.subnets };
    return kept ? { cluster: kept, request: fixed(kept), isNew: false } : { cluster, request, isNew: true };
  });
}

function isSame(cluster: KindClusterSettings, { identity, generation }: RecordedCluster): boolean {
  return identity === identityOf({ ...cluster, generation });
}

/** Whether the settings allow a cluster the subnets that it was planned to have by earlier ones. */
function mayStay(
  subnets: NonNullable<RecordedCluster["subnets"]>,
  request: SubnetRequest,
  pool: Subnet,
  others: readonly Subnet[],
): boolean {
  return subnetKeys.every((key) => {
    const given = request[key];
    const subnet = parseSubnet(subnets[key]);
    return given === undefined
      ? contains(pool, subnet) && !others.some((other) => overlap(other, subnet))
      : subnetText(given) === subnets[key];
  });
}

function fixed({ podSubnet, serviceSubnet }: Pick<ClusterSettings, "podSubnet" | "serviceSubnet">): SubnetRequest {
  return {
    plan: false,
    podSubnet: podSubnet === undefined ? undefined : parseSubnet(podSubnet),
    serviceSubnet: serviceSubnet === undefined ? undefined : parseSubnet(serviceSubnet),
  };
}

type SubnetKey = (typeof subnetKeys)[number];

function moved(cluster: KindClusterSettings, key: SubnetKey, text: string, network: EngineNetwork): string {
  return (
    `Cluster ${cluster.name} gets ${key} ${text}: ${cluster[key]}, which the address plan has for it, overlaps container network ` +
    `${networkText(network)} of this machine.`
  );
}

function collision(cluster: KindClusterSettings, key: SubnetKey, isGiven: boolean, network: EngineNetwork): string {
  const remedy = isGiven
    ? `Give it another ${key}, leave the key out to have one planned`
    : "No subnet of the addressPool is free: set a larger one";
  return (
    `Cluster ${cluster.name} can't have ${key} ${cluster[key]} on this machine: it overlaps container network ` +
    `${networkText(network)}. ${remedy}, or remove that network if nothing uses it.`
  );
}

function networkText({ name, subnets }: EngineNetwork): string {
  return `${printableLine(name, { longest: 100 })} (${subnets.map(subnetText).join(", ")})`;
}
