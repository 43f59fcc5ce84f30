import { join } from "node:path";
import { type Cluster, createClusters, nothingRecorded, type RecordedOwnership } from "../../../components/clusters";
import type { TrustInputs } from "../../../components/trust";
import { type PlannedCluster, type Preflight, runPreflight } from "../../../preflight";
import { accessTo } from "../../../preflight/access";
import { planClusters } from "../../../preflight/cluster-plan";
import { absent } from "../../../preflight/datum";
import type { Settings } from "../../../settings";
import { playKindMachine } from "../../support/kind-machine";

const manifests = join(__dirname, "..", "..", "engine", "support", "gateway-api.yaml");

/** What preflight comes to, on a machine for kind clusters, with definitions of the Gateway API at hand. */
export async function preflightOf(settings: Settings): Promise<Preflight> {
  const undo = playKindMachine();
  try {
    return await runPreflight({ ...settings, gatewayApi: { version: "v1.4.99", manifests } });
  } finally {
    undo();
  }
}

/** What peering is made of, where no other stack and nothing of this one is known. */
export const nothingKnown = { peers: [], remoteAccess: {}, eastWestAddresses: {}, readerTokens: [] };

/** What trust is made of, where nothing is known. */
export const noTrust: TrustInputs = { externalCacerts: [], intermediates: {}, roots: undefined };

/** The clusters of a stack whose state is empty. */
export function plannedClusters(settings: Pick<Settings, "clusters" | "uniqueNames">): readonly PlannedCluster[] {
  return planClusters(settings, new Map(), absent).value;
}

/** The clusters of settings, where nothing is known of them before. */
export function clustersOf(settings: Settings, ownership: RecordedOwnership = nothingRecorded): Cluster[] {
  const access = settings.clusters.flatMap((cluster) => {
    if (cluster.provisioner !== "existing") {
      return [];
    }
    const way = accessTo(cluster);
    const access =
      way === undefined ? { yetToCome: true as const } : { kubeconfig: way.kubeconfig, context: way.context };
    return [[cluster.name, access] as const];
  });
  const { uniqueNames } = settings;
  const clusters = plannedClusters(settings);
  return createClusters({
    clusters,
    uniqueNames,
    ownership,
    access: Object.fromEntries(access),
    preexisting: {},
    interrupted: new Map(),
  });
}
