import type { Repairs } from "../../components/clusters";
import type { Settings } from "../../settings";
import type { StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import { type Datum, valueOf } from "../datum";
import type { KindMachine } from "../kind-machine";
import type { Judged } from "../problems";
import type { Run } from "../unavailable";
import { compareBalancers } from "./balancer-container";
import { commandRepairs } from "./commands";
import { compareContexts, ownPlace } from "./kubeconfig-contexts";
import { compareNodeImages } from "./node-images";
import { compareNodeNetworks } from "./node-networks";

export interface MachineDrift {
  readonly clusters: readonly PlannedCluster[];
  readonly machine: Datum<KindMachine>;
  readonly settings: Pick<Settings, "contexts" | "detectDrift" | "loadBalancer">;
  readonly state: StackState;
  readonly offline: boolean;
}

/**
 * What an update puts back on this machine: what Commands have made in the nodes of its kind clusters, beside them, and in the
 * engineer's kubeconfig. Where nobody looked, or can look, the reason of each Command's last repair stays.
 */
export function judgeMachineDrift(
  { clusters, machine, settings, state, offline }: MachineDrift,
  run: Run,
): Judged<Repairs> {
  const { detectDrift, contexts, loadBalancer } = settings;
  const seen = detectDrift ? valueOf(machine) : undefined;
  const nodes = seen?.nodes ?? {};
  const balancers =
    loadBalancer === "none" ? { value: [], problems: [] } : compareBalancers(seen?.balancers ?? "", state);
  const place = detectDrift && !offline ? ownPlace() : "";
  const compared = [
    ...compareNodeNetworks(clusters, nodes, state),
    ...compareNodeImages(clusters, nodes, seen?.images ?? "", state),
    ...balancers.value,
    ...(contexts ? compareContexts(clusters, state, place) : []),
  ];
  const { value, problems } = commandRepairs(compared, run);
  return { value, problems: [...balancers.problems, ...problems] };
}
