/**
 * Everything that looks at the world or at a state before a resource is declared, and what comes of it: one result of plain data,
 * which the components are declared with. Reading is kept apart from judging: `read…` asks and judges nothing, `judge…` is a pure
 * function of what was read.
 */
import * as pulumi from "@pulumi/pulumi";
import {
  type ExistingClusterAccess,
  type PreexistingObjects,
  type RecordedOwnership,
  recordedOwnership,
  type Repairs,
} from "../components/clusters";
import { demoImages } from "../components/demo";
import type { ReleaseRegistry } from "../components/helm";
import { type Definition, meshImages } from "../components/mesh";
import type { KnownAddress, KnownToken } from "../components/peering";
import type { TrustInputs } from "../components/trust";
import { operatingSystemProblem, PreconditionError } from "../diagnostics";
import type { Settings } from "../settings";
import type { StackState } from "../stacks";
import { currentAccess, judgeAccess } from "./access";
import { hasSecretValues } from "../chart-values";
import { chartValueProblems } from "./chart-values";
import { needsNetworks, planSubnets } from "./address-plan";
import { readChartRegistry } from "./chart-registry";
import { type PlannedCluster, planClusters, recordedClusters } from "./cluster-plan";
import { absent, type Datum, offlineSwitch, valueOf } from "./datum";
import { judgeDrift, judgeMachineDrift, readDrift } from "./drift";
import { readOwnStack } from "./engine";
import { noNetworks, readEngineNetworks } from "./engine-networks";
import { judgeExistingClusters, podsOfAll, readExistingClusters, uidsOf } from "./existing-clusters";
import { gatewayApiBundle, noGatewayApi } from "./gateway-api";
import { type Interrupted, readInterrupted, withInterrupted } from "./interrupted";
import { judgeImageDigests } from "./image-digests";
import { judgeKubeconfigs, readKubeconfigStacks } from "./kubeconfigs";
import { judgeLoadBalancers, type LoadBalancerSettings } from "./load-balancers";
import { judgeKindMachine, type KindMachine, readKindClusters, readKindMachine } from "./kind-machine";
import { judgeMachine, readMachineLacks } from "./machine";
import { judgeIntermediates, readPeerStacks, readRootStack } from "./other-stacks";
import { type PlannedManifests, planManifests } from "./manifests";
import { judgeLinkMethod } from "./peering/link-method";
import { readEastWestAddresses } from "./peering/live-addresses";
import { judgePeerStacks, type PeerStacks } from "./peering/peer-stacks";
import { judgeSourceRanges } from "./peering/source-ranges";
import { recordedTokens } from "./peering/reader-tokens";
import { ownRoots } from "./peering/root-agreement";
import { information, type Problem, report } from "./problems";
import { judgeHandover } from "./roots/cacerts-handover";
import { readCurrentRoots } from "./roots/current-roots";
import { desiredRoots } from "./roots/desired-roots";
import { judgeGivenRoot } from "./roots/given-root";
import { reissues } from "./roots/reissue";
import { judgeRotation, readRotation } from "./roots/rotation";
import type { Run } from "./unavailable";

export type { PlannedCluster } from "./cluster-plan";
export type { PeerStacks } from "./peering/peer-stacks";
export { type DatumKind, whenUnavailable } from "./unavailable";

/** What is known before any resource is declared. Secrets are in the clear: whatever declares one marks it as secret. */
export interface Preflight {
  readonly clusters: readonly PlannedCluster[];
  /** Who owns the clusters of this machine, as far as the state shows. */
  readonly ownership: RecordedOwnership;
  /** Access to each existing cluster, by name. */
  readonly access: Readonly<Record<string, ExistingClusterAccess>>;
  /** What existing clusters have that is not the stack's, by cluster. */
  readonly preexisting: Readonly<Record<string, PreexistingObjects>>;
  /** What interrupted updates have made, and could not record. */
  readonly interrupted: Interrupted;
  /** What has drifted, and what was put back before. */
  readonly repairs: Repairs;
  /** What is applied after the mesh, by cluster. */
  readonly manifests: PlannedManifests;
  /** The Gateway API's definitions, and their release. */
  readonly gatewayApi: readonly Definition[];
  readonly gatewayApiRelease: string;
  /** What charts are pulled with; absent where the settings leave that to everybody's own login. */
  readonly chartRegistry?: ReleaseRegistry;
  readonly kindMachine: KindMachineArgs;
  readonly loadBalancer: LoadBalancerSettings;
  readonly peerStacks: PeerStacks;
  /** Addresses of existing east-west Gateways, by the name prefix of their cluster. */
  readonly eastWestAddresses: Readonly<Record<string, KnownAddress>>;
  readonly readerTokens: readonly KnownToken[];
  /** The annotation of ztunnel that makes it have certificates reissued, by cluster. */
  readonly reissues: Readonly<Record<string, string>>;
  readonly trust: TrustInputs;
}

/**
 * Reads everything that a plan depends on, and reports all problems at once.
 *
 * @throws PreconditionError before any resource is declared.
 */
export async function runPreflight(given: Settings): Promise<Preflight> {
  const unsupported = operatingSystemProblem();
  if (unsupported !== undefined) {
    throw new PreconditionError(unsupported, "docs/compatibility.md#the-machine-that-runs-it");
  }
  const run: Run = pulumi.runtime.isDryRun() ? "preview" : "update";
  const offline = isOffline(run);
  const own = await readOwnStack(run);
  const ownership = recordedOwnership(own.state);
  const problems = new ProblemList();

  const stacks = await readKubeconfigStacks(given);
  const reached = problems.add(judgeKubeconfigs(given.clusters, stacks, own.state, run, offline));
  const withKubeconfigs: Settings = { ...given, clusters: reached };
  const asked = !offline && needsNetworks(given, own.state);
  const loadBalancer = problems.add(judgeLoadBalancers(given, own.state));
  const planned = problems.add(
    planSubnets(withKubeconfigs, own.state, asked ? await readEngineNetworks() : noNetworks, run),
  );
  const settings: Settings = { ...planned, loadBalancer };
  const kindClusters = await readKindClusters(settings, own, ownership, offline);
  const clusters = problems.add(planClusters(settings, own.state, kindClusters));
  const access = offline
    ? new Map<string, never>()
    : ((await problems.attempt(() => currentAccess(clusters, own.state))) ?? new Map<string, never>());
  if (run === "update") {
    problems.push(judgeMachine(await readMachineLacks(settings, clusters, ownership)));
  }
  const gatewayApi =
    (clusters.length === 0
      ? undefined
      : await problems.attempt(async () => problems.add(await gatewayApiBundle(settings, own.state)))) ??
    noGatewayApi(settings);

  const chartRegistry = await problems.attempt(async () =>
    problems.add(await readChartRegistry(settings, run, offline)),
  );
  problems.push(judgeImageDigests(settings, own.state));
  const interrupted = await readInterrupted(clusters, own, access, run, offline);
  const outputs = (await problems.attempt(() => readPeerStacks(settings.peerStacks))) ?? new Map<string, never>();
  const inventories = await problems.attempt(() => readExistingClusters(clusters, settings, own.state, offline));
  const pods = podsOfAll(clusters, inventories ?? new Map(), outputs);
  problems.push(judgeSourceRanges(settings, clusters, pods));
  const existing = problems.add(
    judgeExistingClusters(
      inventories ?? new Map(),
      clusters,
      settings,
      withInterrupted(own.state, interrupted),
      gatewayApi,
      run,
      pods,
    ),
  );

  const manifests = problems.add(
    await planManifests({
      clusters,
      settings,
      gatewayApi,
      state: withInterrupted(own.state, interrupted),
      access,
      offline,
    }),
  );

  const rootStack = await problems.attempt(() => readRootStack(settings));
  const wants = desiredRoots(settings.root, valueOf(rootStack), own.state);
  const names = clusters.map(({ name }) => name);
  const lifetimes = problems.add(judgeGivenRoot(settings.root, names, own.state));
  if (settings.root.source === "existing") {
    problems.push(judgeHandover(clusters, own.state));
  } else {
    const has = await readCurrentRoots(clusters, own, access, offline);
    const rotation = { settings, clusters, own, access, peers: outputs, has, wants, offline };
    problems.push(judgeRotation(await readRotation(rotation), rotation, run));
  }

  const peerStacks = await problems.attempt(() =>
    problems.add(judgePeerStacks({ settings, clusters, own, outputs, roots: ownRoots(wants, existing), run })),
  );
  problems.push(
    judgeLinkMethod(
      settings,
      clusters,
      own.state,
      (peerStacks?.peers ?? []).map(({ name }) => name),
    ),
  );
  const intermediates =
    rootStack && (await problems.attempt(() => problems.add(judgeIntermediates(settings, rootStack, run))));

  // Charts may be far away, and are for nothing where the program stops.
  if (!problems.hasError && !offline) {
    problems.push((await problems.attempt(() => chartValueProblems(settings, settings.chartRegistry))) ?? []);
  }

  const images = [...meshImages(settings), ...demoImages(settings), ...settings.preloadImages];
  const neighbours = peerStacks?.neighbours ?? [];
  // Asked of the command plugin, for which the engine makes a provider: nothing is made where the program stops.
  const { detectDrift } = settings;
  const kindMachine = problems.hasError
    ? absent
    : await readKindMachine({
        clusters,
        neighbours,
        images,
        own,
        recorded: ownership,
        existing: kindClusters,
        detectDrift,
        offline,
      });
  problems.push(judgeKindMachine(kindMachine, run));
  const notLookedAt = offline ? unseenOffline(clusters) : [];
  if (notLookedAt.length > 0) {
    problems.push([
      information(
        `${offlineSwitch}: this plan was made without looking at ${notLookedAt.join(", ")}. It takes them to be as this stack has left ` +
          "them.",
      ),
    ]);
  }
  const eastWestAddresses =
    settings.distribution === "solo"
      ? problems.add(await readEastWestAddresses(clusters, own, access, offline, run))
      : {};
  const existingAccess = await problems.attempt(() =>
    problems.add(judgeAccess(clusters, settings, own.state, uidsOf(inventories ?? new Map()), offline)),
  );
  // Not where the program stops: it would take time to say what is not going to be put back.
  const drift = problems.hasError ? [] : await readDrift({ clusters, state: own.state, access, detectDrift, offline });
  const repairs = {
    ...problems.add(judgeDrift(drift, run, gatewayApi.release, hasSecretValues(settings))),
    ...problems.add(judgeMachineDrift({ clusters, machine: kindMachine, settings, state: own.state, offline }, run)),
  };
  report(problems.all);
  if (existingAccess === undefined || peerStacks === undefined || intermediates === undefined) {
    throw new Error("A part of preflight has no result, although no problem was found: a bug in preflight/");
  }
  return {
    clusters,
    ownership,
    access: existingAccess,
    preexisting: existing.preexisting,
    interrupted,
    repairs,
    manifests,
    gatewayApi: gatewayApi.definitions,
    gatewayApiRelease: gatewayApi.release,
    chartRegistry,
    kindMachine: machineArgs(kindMachine, peerStacks, own.state),
    loadBalancer,
    peerStacks,
    eastWestAddresses,
    readerTokens: recordedTokens(own.state),
    reissues: reissues(settings.root, clusters, own.state),
    trust: {
      externalCacerts: existing.externalCacerts,
      externalRootCertificate: existing.rootCertificate,
      intermediates,
      roots: wants,
      lifetimes,
      previousRootCertificate: own.outputs.rootCertificate,
    },
  };
}

/**
 * Whether this is an offline preview: one of a fork, of Pulumi Deployments or of an operator, which reaches only Pulumi's backend.
 *
 * @throws PreconditionError in an update, and if the variable has another value.
 */
function isOffline(run: Run): boolean {
  const [variable = ""] = offlineSwitch.split("=");
  const value = process.env[variable] ?? "";
  if (value === "" || value === "false") {
    return false;
  }
  const section = "docs/preflight.md#previews-that-reach-nothing";
  if (value !== "true") {
    throw new PreconditionError(
      `${variable} is neither true nor false: write one of the two, or leave it out.`,
      section,
    );
  }
  if (run === "update") {
    throw new PreconditionError(
      `${offlineSwitch} is for previews: pulumi up has to see what it changes. Leave the variable out.`,
      section,
    );
  }
  return true;
}

function unseenOffline(clusters: readonly PlannedCluster[]): string[] {
  const existing = clusters.filter(({ settings }) => settings.provisioner === "existing").map(({ name }) => name);
  const kind = clusters.some(({ settings }) => settings.provisioner === "kind");
  return [
    ...(existing.length > 0 ? [`what stands in cluster ${existing.join(", ")}`] : []),
    ...(kind ? ["this machine's kind clusters, their nodes and its images"] : []),
    ...(clusters.length > 0 ? ["the present addresses of east-west Gateways"] : []),
  ];
}

/** What the components of kind clusters need to know of this machine, and of peer stacks' clusters on it. */
interface KindMachineArgs extends KindMachine {
  readonly neighbours: PeerStacks["neighbours"];
  /** Whether some clusters can't be seen from here, so that routes have to stay. */
  readonly keepRoutes: boolean;
  /** Whether the clusters are on another machine. */
  readonly keepImages: boolean;
}

function machineArgs(machine: Datum<KindMachine>, peerStacks: PeerStacks, state: StackState): KindMachineArgs {
  const { neighbours, neighboursUnseen } = peerStacks;
  const unseen = machine.status === "unavailable";
  // Nodes on another machine are not looked up either: their routes are kept.
  const elsewhere = unseen ? recordedClusters(state).map(({ namePrefix }) => [namePrefix, ""] as const) : [];
  const nothing: KindMachine = { nodes: Object.fromEntries(elsewhere), neighbourNodes: {}, images: "", balancers: "" };
  return { ...(valueOf(machine) ?? nothing), neighbours, keepRoutes: unseen || neighboursUnseen, keepImages: unseen };
}

/** Collects problems, so that all are reported at once. */
class ProblemList {
  readonly #problems: Problem[] = [];

  get all(): readonly Problem[] {
    return this.#problems;
  }

  /** Whether something stops the program. */
  get hasError(): boolean {
    return this.#problems.some(({ severity }) => severity === "error");
  }

  push(problems: readonly Problem[]): void {
    this.#problems.push(...problems);
  }

  /** Adds the problems of a judgement, and returns its value. */
  add<Value>({ value, problems }: { readonly value: Value; readonly problems: readonly Problem[] }): Value {
    this.push(problems);
    return value;
  }

  /** The result of `action`; undefined if it throws a PreconditionError, which is added to the problems. */
  async attempt<Value>(action: () => Value | Promise<Value>): Promise<Value | undefined> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof PreconditionError)) {
        throw error;
      }
      this.push(error.see.map((see) => ({ severity: "error", message: error.statement, see })));
      return undefined;
    }
  }
}
