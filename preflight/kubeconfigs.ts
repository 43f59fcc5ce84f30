import { type Access, inClusterKubeconfig, KubeconfigError } from "../kubernetes";
import {
  type ClusterSettings,
  type ExistingClusterSettings,
  inCluster,
  type KubeconfigOutput,
  type Settings,
} from "../settings";
import { kubeconfigIn, recordedKubeconfigs, type StackOutputs, type StackState } from "../stacks";
import { type Datum, valueOf } from "./datum";
import { outputsOf } from "./engine";
import { failure, type Judged, type Problem } from "./problems";
import { type Run, withoutDatum } from "./unavailable";

const section = "docs/existing-clusters.md#a-kubeconfig-that-another-stack-makes";

/** The outputs of the stacks that have kubeconfigs of existing clusters, by the stack's full name. */
export type KubeconfigStacks = ReadonlyMap<string, Datum<StackOutputs>>;

/** Reads the stacks whose outputs are kubeconfigs of existing clusters: they may be of any program. */
export async function readKubeconfigStacks({ clusters }: Pick<Settings, "clusters">): Promise<KubeconfigStacks> {
  const names = new Set(clusters.flatMap((cluster) => sourceOf(cluster)?.stack ?? []));
  return new Map(await Promise.all([...names].map(async (name) => [name, await outputsOf(name)] as const)));
}

/**
 * The clusters of the settings, each kubeconfig that is somewhere else as its text. In a preview it may be yet to come: then the cluster
 * keeps the source in the text's place, unless the state has the text that an update has used.
 *
 * @param offline Whoever looks at nothing need not be in the pod that in-cluster means.
 */
export function judgeKubeconfigs(
  clusters: readonly ClusterSettings[],
  stacks: KubeconfigStacks,
  state: StackState,
  run: Run,
  offline: boolean,
): Judged<readonly ClusterSettings[]> {
  const recorded = new Map(
    recordedKubeconfigs(state).flatMap(({ namePrefix, ambient, access }) => (ambient ? [] : [[namePrefix, access]])),
  );
  const judged = clusters.map((cluster): Judged<ClusterSettings> => {
    const before = recorded.get(cluster.name);
    if (cluster.provisioner !== "existing") {
      return { value: cluster, problems: [] };
    }
    const source = sourceOf(cluster);
    if (source !== undefined) {
      return ofOutput(cluster, source, stacks.get(source.stack), before, run);
    }
    return cluster.kubeconfig === inCluster ? ofPod(cluster, offline, before) : { value: cluster, problems: [] };
  });
  return { value: judged.map(({ value }) => value), problems: judged.flatMap(({ problems }) => problems) };
}

type Recorded = ((context?: string) => Access) | undefined;

function sourceOf(cluster: ClusterSettings): KubeconfigOutput | undefined {
  return cluster.provisioner === "existing" && typeof cluster.kubeconfig === "object" ? cluster.kubeconfig : undefined;
}

function ofOutput(
  cluster: ExistingClusterSettings,
  source: KubeconfigOutput,
  outputs: Datum<StackOutputs> | undefined,
  before: Recorded,
  run: Run,
): Judged<ClusterSettings> {
  const { stack, output } = source;
  const where = `output ${output} of stack ${stack}, the kubeconfig of cluster ${cluster.name},`;
  const read =
    outputs?.status === "unavailable"
      ? { missing: `can't be read: ${outputs.reason}` }
      : kubeconfigIn(source, valueOf(outputs));
  if ("text" in read) {
    return { value: { ...cluster, kubeconfig: read.text, kubeconfigFrom: where }, problems: [] };
  }
  if ("wrong" in read) {
    return { value: cluster, problems: [failure(`${capital(where)} ${read.wrong}`, section)] };
  }
  const first = `${capital(where)} ${read.missing.replace(/[.?]*$/, (end) => end || ".")}`;
  const remedy = `Run \`pulumi up --stack ${stack}\` in the project of that stack first, or correct the setting.`;
  const instead =
    run === "update"
      ? "Nothing was changed."
      : before === undefined
        ? "Until then nothing in the cluster is looked at, and what depends on its kubeconfig is unknown in this plan."
        : "This plan takes the kubeconfig that the state has; pulumi up would be refused.";
  return {
    value: before === undefined ? cluster : recordedWay(cluster, before),
    problems: withoutDatum("kubeconfigOutput", run, `${first} ${remedy} ${instead}`, section),
  };
}

function ofPod(cluster: ExistingClusterSettings, offline: boolean, before: Recorded): Judged<ClusterSettings> {
  if (offline) {
    return { value: before === undefined ? cluster : recordedWay(cluster, before), problems: [] };
  }
  const kubeconfigFrom = `the kubeconfig of cluster ${cluster.name}`;
  try {
    return { value: { ...cluster, kubeconfig: inClusterKubeconfig(kubeconfigFrom), kubeconfigFrom }, problems: [] };
  } catch (error) {
    if (error instanceof KubeconfigError) {
      return { value: cluster, problems: errorProblems(error) };
    }
    throw error;
  }
}

function errorProblems({ statement, see }: KubeconfigError): Problem[] {
  return see.map((one) => failure(capital(statement), one));
}

/** A cluster as the last update has reached it. */
function recordedWay({ name, ...cluster }: ExistingClusterSettings, before: NonNullable<Recorded>): ClusterSettings {
  const { kubeconfig, context } = before(cluster.context);
  return { ...cluster, name, kubeconfig, context, kubeconfigFrom: `the kubeconfig of cluster ${name} in the state` };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
