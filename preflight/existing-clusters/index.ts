import { ownValues, plannedWorkloads } from "../../chart-values";
import type { PreexistingObjects } from "../../components/clusters";
import { type ExternalCacerts, judgeExternalCacerts } from "../../components/trust";
import { ApiServer, Forbidden, Unreachable } from "../../kubernetes";
import type { DocsSection } from "../../diagnostics";
import type { ClusterSettings, ExistingClusterSettings, Settings } from "../../settings";
import { recordedKubeconfigs, type StackState } from "../../stacks";
import { accessTo } from "../access";
import type { PlannedCluster } from "../cluster-plan";
import { absent, type Datum, known, notLookedAt, unavailable } from "../datum";
import type { GatewayApiBundle } from "../gateway-api";
import { failure, information, type Judged, type Problem, warning } from "../problems";
import { type Facts, installPlan, type InstallPlan, type OtherPods, readFacts } from "../../readiness";
import { type DatumKind, type Run, withoutDatum } from "../unavailable";
import { desiredFor, desiredNamespaces, ownsNamespace, ownsResource } from "./desired-objects";
import { judgeFitness } from "./fitness";
import { readInventory } from "./inventory";
import type { Inventory } from "./types";
import { validate } from "./validate";

export { desiredObjects } from "./desired-objects";
export { podsOfAll } from "./other-pods";

/** What could be read of an existing cluster, and which policy of unavailable.ts applies to it. */
export interface ReadInventory {
  /** Absent where the kubeconfig is yet to come. */
  readonly inventory: Datum<Inventory>;
  readonly kind: DatumKind;
  /** What the cluster is like; absent where the inventory could not be read. */
  readonly facts?: Facts;
}

/** The inventories of the existing clusters, by name. */
export type Inventories = ReadonlyMap<string, ReadInventory>;

/** Reads the inventory of every existing cluster; changes nothing. */
export async function readExistingClusters(
  clusters: readonly PlannedCluster[],
  settings: Settings,
  state: StackState,
  offline: boolean,
): Promise<Inventories> {
  const read = clusters.map(async ({ name, namePrefix, settings: cluster }) =>
    cluster.provisioner === "existing"
      ? ([[name, await readOne(cluster, settings, hasMesh(namePrefix, state), offline)]] as const)
      : [],
  );
  return new Map((await Promise.all(read)).flat());
}

/** What tells the clusters from others, as far as it could be read, by name. */
export function uidsOf(inventories: Inventories): ReadonlyMap<string, string> {
  return new Map(
    [...inventories].flatMap(([name, { inventory }]) => {
      const uid = inventory.status === "known" ? inventory.value.uid : undefined;
      return uid === undefined ? [] : [[name, uid] as const];
    }),
  );
}

async function readOne(
  cluster: ExistingClusterSettings,
  settings: Settings,
  isInMesh: boolean,
  offline: boolean,
): Promise<ReadInventory> {
  const kind = isInMesh ? "meshCluster" : "newCluster";
  if (offline) {
    return { inventory: notLookedAt, kind };
  }
  try {
    const access = accessTo(cluster);
    if (access === undefined) {
      return { inventory: absent, kind };
    }
    const server = await ApiServer.open(access);
    const [inventory, facts] = await Promise.all([
      readInventory(server, desiredFor(settings, cluster)),
      readFacts(server, planFor(settings, cluster)),
    ]);
    return { inventory: known(inventory), kind, facts };
  } catch (error) {
    if (error instanceof Forbidden) {
      return { inventory: unavailable(error.message), kind: "clusterRights" };
    }
    if (error instanceof Unreachable) {
      return { inventory: unavailable(error.message), kind };
    }
    throw error;
  }
}

function planFor(settings: Settings, cluster: ClusterSettings, others: readonly OtherPods[] = []): InstallPlan {
  return installPlan(settings, cluster, plannedWorkloads(ownValues(settings, cluster.name)), others);
}

/** What follows from the inventories. */
export interface ExistingClusters {
  /** What is not the stack's, by cluster. */
  readonly preexisting: Readonly<Record<string, PreexistingObjects>>;
  /** Their Secrets `cacerts`, if those are managed elsewhere. */
  readonly externalCacerts: readonly ExternalCacerts[];
  /** The root of all those certificates, PEM; absent if none could be read. */
  readonly rootCertificate?: string;
}

/**
 * Finds what keeps the stack's mesh out of existing clusters, and what in them is not the stack's.
 *
 * @param gatewayApi The Gateway API's definitions that the stack would install.
 * @param pods The pods of every cluster of the mesh, as far as they are known.
 */
export function judgeExistingClusters(
  inventories: Inventories,
  clusters: readonly PlannedCluster[],
  settings: Settings,
  state: StackState,
  gatewayApi: GatewayApiBundle,
  run: Run,
  pods: readonly OtherPods[] = [],
): Judged<ExistingClusters> {
  const judged = clusters.flatMap((cluster) => {
    const read = inventories.get(cluster.name);
    return read === undefined ? [] : [judgeOne(cluster, read, settings, state, gatewayApi, clusters, run, pods)];
  });
  const externalCacerts = judged.flatMap(({ name, inventory }) =>
    inventory && settings.root.source === "existing" ? [{ cluster: name, files: inventory.cacerts }] : [],
  );
  const root = judgeExternalCacerts(externalCacerts);
  const refusals = [
    ...judged.flatMap((one) => one.refusals.map((text) => `  - cluster ${one.name}: ${text}`)),
    ...sameClusters(judged).map((text) => `  - ${text}`),
    ...root.problems.map((text) => `  - ${text}`),
  ];
  return {
    value: {
      preexisting: Object.fromEntries(judged.map(({ name, preexisting }) => [name, preexisting])),
      externalCacerts,
      rootCertificate: root.rootCertificate,
    },
    problems: [
      ...(refusals.length > 0
        ? [
            failure(
              `Existing clusters can't take this stack's mesh:\n${refusals.join("\n")}`,
              "docs/existing-clusters.md#what-is-refused",
            ),
          ]
        : []),
      ...judged.flatMap(({ problems }) => problems),
      ...root.warnings.map((text) => warning(text.replace(/^c/, "C"))),
    ],
  };
}

interface JudgedCluster {
  readonly name: string;
  readonly inventory: Inventory | undefined;
  readonly preexisting: PreexistingObjects;
  /** Why the mesh can't be put into it. */
  readonly refusals: readonly string[];
  /** What else to report. */
  readonly problems: readonly Problem[];
}

function judgeOne(
  { name, namePrefix, settings: cluster }: PlannedCluster,
  { inventory, kind, facts }: ReadInventory,
  settings: Settings,
  state: StackState,
  gatewayApi: GatewayApiBundle,
  clusters: readonly PlannedCluster[],
  run: Run,
  pods: readonly OtherPods[],
): JudgedCluster {
  if (inventory.status === "known") {
    const namePrefixes = clusters.map((one) => one.namePrefix);
    const args = { namePrefix, namePrefixes, settings, cluster, gatewayApi, inventory: inventory.value, state, run };
    const { preexisting, problems, warnings, notes } = validate(args);
    const other = otherCluster(namePrefix, cluster, inventory.value, state);
    if (other !== undefined) {
      // What else stands in it is not the stack's business.
      return { name, inventory: inventory.value, preexisting, refusals: [other], problems: [] };
    }
    const others = pods.filter((one) => one.cluster !== name);
    const plan = planFor(settings, cluster, others);
    const fitness = facts && judgeFitness({ name, facts, plan, installed: hasMesh(namePrefix, state), run });
    return {
      name,
      inventory: inventory.value,
      preexisting,
      refusals: [...problems, ...(fitness?.refusals ?? [])],
      problems: [
        ...warnings.map((text) => warning(`Cluster ${name}: ${text}`)),
        ...notes.map((text) => information(`Cluster ${name}: ${text}`)),
        ...(fitness?.problems ?? []),
      ],
    };
  }
  return {
    name,
    inventory: undefined,
    preexisting: recordedObjects(namePrefix, settings, gatewayApi, state),
    refusals: [],
    // What was not read on purpose is reported once for all clusters.
    problems: inventory.status === "absent" || inventory.offline ? [] : unread(name, inventory.reason, kind, run),
  };
}

/** Whoever runs the program may have another cluster behind the same context: the stack's mesh would be put over what is there. */
function otherCluster(
  namePrefix: string,
  cluster: ClusterSettings,
  { uid }: Inventory,
  state: StackState,
): string | undefined {
  const before = recordedKubeconfigs(state).find((one) => one.namePrefix === namePrefix)?.uid;
  if (uid === undefined || before === undefined || uid === before || !hasMesh(namePrefix, state)) {
    return undefined;
  }
  const { kubeconfig, kubeconfigFrom, context } = cluster.provisioner === "existing" ? cluster : {};
  const [way, correction] =
    kubeconfig === undefined
      ? [`context ${context ?? ""} of your own kubeconfig leads`, "the context, or KUBECONFIG"]
      : [`${kubeconfigFrom ?? "its kubeconfig in the settings"} leads`, "it"];
  return (
    `${way} to another cluster than the one that has this stack's mesh: its namespace kube-system has the UID ${uid} instead of ` +
    `${before}. Correct ${correction}. If the cluster was recreated, the stack still has what was in the old one: see ` +
    "docs/existing-clusters.md#the-same-cluster-for-everybody"
  );
}

function unread(name: string, reason: string, kind: DatumKind, run: Run): readonly Problem[] {
  const otherwise = run === "preview" ? " The plan takes it to be as this stack has left it." : "";
  if (kind === "clusterRights") {
    return withoutDatum(
      kind,
      run,
      `Cluster ${name}: its API server does not let this user look at what is there: ${reason}. ` +
        (run === "preview"
          ? `A preview needs the right to read (docs/existing-clusters.md#a-preview-with-fewer-rights), and pulumi up a cluster administrator's.${otherwise}`
          : "Use a kubeconfig of a cluster administrator, as installing a mesh needs one."),
      "docs/existing-clusters.md#a-preview-with-fewer-rights",
    );
  }
  const section: DocsSection = "docs/existing-clusters.md#a-cluster-that-cannot-be-reached";
  const remedy =
    run === "update" && kind === "newCluster"
      ? "Correct its kubeconfig or context, or take it out of the settings."
      : "The plan takes it to be as this stack has left it.";
  return withoutDatum(kind, run, `Cluster ${name} can't be looked at: ${reason}. ${remedy}`, section);
}

/** Two names for one cluster: the second mesh would overwrite the first. */
function sameClusters(read: readonly Pick<JudgedCluster, "name" | "inventory">[]): string[] {
  const byUid = new Map<string, string[]>();
  for (const { name, inventory } of read) {
    if (inventory?.uid !== undefined) {
      byUid.set(inventory.uid, [...(byUid.get(inventory.uid) ?? []), name]);
    }
  }
  return [...byUid.values()].flatMap((names) =>
    names.length < 2
      ? []
      : [
          `clusters ${names.join(", ")}: their kubeconfigs and contexts lead to the same cluster. Correct them, or keep only ` +
            "one of them in the settings.",
        ],
  );
}

/** What a cluster had at the last update, as far as the stack's resources show. */
function recordedObjects(
  namePrefix: string,
  settings: Settings,
  { definitions }: GatewayApiBundle,
  state: StackState,
): PreexistingObjects {
  const others = (names: readonly string[], own: (name: string) => boolean) =>
    hasMesh(namePrefix, state) ? names.filter((name) => !own(name)) : [];
  return {
    namespaces: others([...desiredNamespaces(settings).keys()], (name) => ownsNamespace(state, namePrefix, name)),
    definitions: others(
      definitions.map(({ metadata }) => metadata.name),
      (name) => ownsResource(state, "apiextensions.k8s.io/v1:CustomResourceDefinition", namePrefix, name),
    ),
  };
}

/** Whether the stack has its mesh in a cluster already. */
function hasMesh(namePrefix: string, state: StackState): boolean {
  return ownsResource(state, "helm.sh/v3:Release", namePrefix, "istiod");
}
