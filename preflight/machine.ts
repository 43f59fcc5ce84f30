import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { formerOf, identityOf, nobody, ownershipMark, type RecordedOwnership } from "../components/clusters";
import type { Settings } from "../settings";
import type { PlannedCluster } from "./cluster-plan";
import { engineCommand, readContainerEngine } from "./container-engine";
import { failure, type Problem } from "./problems";

/** Kernel limits, counted per user of the machine. */
export interface InotifyLimits {
  readonly instances: number;
  readonly watches: number;
}

/**
 * What one node uses of the limits, measured with kind 0.33 and Kubernetes 1.34 (26 instances and 200 watches for a control plane),
 * and what the rest of the machine may use.
 */
const perNode: InotifyLimits = { instances: 32, watches: 1024 };
const others: InotifyLimits = { instances: 64, watches: 4096 };
/** What kind's own documentation advises (https://kind.sigs.k8s.io/docs/user/known-issues/#pod-errors-due-to-too-many-open-files). */
const advised: InotifyLimits = { instances: 512, watches: 524_288 };

/** What this machine lacks for a stack's kind clusters and contexts. */
export interface MachineLacks {
  readonly wanted: "kind clusters" | "contexts";
  /** What is missing and where to get it, a sentence each. */
  readonly lacks: readonly string[];
  /** Whether the stack has clusters already. */
  readonly hasClusters: boolean;
}

/**
 * Finds what this machine lacks for what a stack has on it. Not called in a preview, which may run elsewhere.
 *
 * @param recorded Who owns the clusters of this machine, by the stack's state.
 */
export async function readMachineLacks(
  settings: Settings,
  clusters: readonly PlannedCluster[],
  recorded: RecordedOwnership,
): Promise<MachineLacks> {
  const provisioners = clusters.map((cluster) => cluster.settings.provisioner);
  const contexts = settings.contexts && provisioners.some((provisioner) => provisioner !== "existing");
  const kind = provisioners.includes("kind");
  return {
    wanted: kind ? "kind clusters" : "contexts",
    lacks: [
      ...(kind ? await kindProblems(clusters, settings, recorded) : []),
      ...(contexts ? await kubectlProblems() : []),
    ],
    hasClusters: recorded.owner !== undefined,
  };
}

export function judgeMachine({ wanted, lacks, hasClusters }: MachineLacks): readonly Problem[] {
  const lines = [
    `This machine can't make ${wanted} yet:`,
    ...lacks.map((lack) => `- ${lack}`),
    // The program can't tell a destroy with --run-program from an update.
    ...(hasClusters && wanted === "kind clusters"
      ? [
          "To destroy the stack, run pulumi destroy without --run-program: it needs no kind, only the container engine (and kubectl for contexts).",
        ]
      : []),
  ];
  return lacks.length === 0 ? [] : [failure(lines.join("\n"), "docs/kind.md#what-the-machine-needs")];
}

async function kindProblems(
  clusters: readonly PlannedCluster[],
  { uniqueNames, loadBalancer }: Settings,
  recorded: RecordedOwnership,
): Promise<string[]> {
  const kind = await kindProblem();
  const engine = await readContainerEngine(loadBalancer !== "none");
  if (!("name" in engine)) {
    return [...kind, ...engine];
  }
  const limits = kind.length === 0 && engine.ownKernel ? inotifyLimits() : undefined;
  return limits ? inotifyProblems(limits, nodesToBe(clusters, uniqueNames, await readAllNodes(), recorded)) : kind;
}

async function kubectlProblems(): Promise<string[]> {
  return (await answers("kubectl", "version", "--client"))
    ? []
    : [
        "the kubectl command, which makes contexts, is not on the PATH. Install it (https://kubernetes.io/docs/tasks/tools/), or set contexts: false.",
      ];
}

async function kindProblem(): Promise<string[]> {
  return (await answers("kind", "version"))
    ? []
    : ["the kind command is not on the PATH. Install it: https://kind.sigs.k8s.io/docs/user/quick-start/#installation"];
}

function answers(program: string, ...args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(program, args).then(
    () => true,
    () => false,
  );
}

/** The containers that are nodes of kind clusters, whoever made them. */
async function readAllNodes(): Promise<ExistingNode[]> {
  const ask = async (...args: readonly string[]) => {
    const { stdout } = await promisify(execFile)(engineCommand(), args);
    return stdout.split("\n").filter((line) => line !== "");
  };
  const nodes = await ask("ps", "--quiet", "--filter", "label=io.x-k8s.kind.role");
  const format = '{{index .Config.Labels "io.x-k8s.kind.cluster"}}{{range .Mounts}} {{.Destination}}{{end}}';
  const lines = nodes.length === 0 ? [] : await ask("inspect", "--format", format, ...nodes);
  return lines.map((line) => {
    const [cluster = "", ...mounts] = line.split(" ");
    return { cluster, mounts };
  });
}

/** A container that is a node of a kind cluster. */
export interface ExistingNode {
  /** Name of the cluster on this machine. */
  readonly cluster: string;
  /** Mount paths inside it, including its owner's mark. */
  readonly mounts: readonly string[];
}

/**
 * How many nodes the machine will have if some clusters are to be created or recreated; 0 if all exist as planned. A cluster that
 * is recreated under its name is deleted first, one with another name stays until the new one exists.
 */
export function nodesToBe(
  clusters: readonly PlannedCluster[],
  uniqueNames: boolean,
  existing: readonly ExistingNode[],
  recorded: RecordedOwnership,
): number {
  const kindClusters = clusters.flatMap(({ settings, generation, namePrefix }) =>
    settings.provisioner === "kind" ? [{ ...settings, generation, namePrefix }] : [],
  );
  const exists = (cluster: (typeof kindClusters)[number]) => {
    const identity = identityOf(cluster);
    const former = formerOf(recorded, cluster.namePrefix, uniqueNames ? undefined : cluster.name)?.mark;
    const marks = [ownershipMark(recorded.owner ?? nobody, identity)];
    if (former?.endsWith(`/${identity}`)) {
      marks.push(`/flatmesh/${former}`);
    }
    return existing.some(({ mounts }) => marks.some((mark) => mounts.includes(mark)));
  };
  const missing = kindClusters.filter((cluster) => !exists(cluster));
  const more = missing.reduce((sum, { controlPlanes, workers }) => sum + controlPlanes + workers, 0);
  const names = new Set(uniqueNames ? [] : missing.map(({ name }) => name));
  return more === 0 ? 0 : existing.filter(({ cluster }) => !names.has(cluster)).length + more;
}

/** The limits of this machine's kernel; undefined if it has none. */
function inotifyLimits(): InotifyLimits | undefined {
  const file = (name: string) => `/proc/sys/fs/inotify/${name}`;
  if (!existsSync(file("max_user_instances"))) {
    return undefined;
  }
  const read = (name: string) => Number(readFileSync(file(name), "utf8"));
  return { instances: read("max_user_instances"), watches: read("max_user_watches") };
}

/** Which limits are too low for that many nodes on this machine. */
export function inotifyProblems(limits: InotifyLimits, nodes: number): string[] {
  const kinds = ["instances", "watches"] as const;
  return kinds.flatMap((kind) => {
    const needed = nodes === 0 ? 0 : others[kind] + nodes * perNode[kind];
    const setting = `fs.inotify.max_user_${kind}`;
    const remedy = `sudo sysctl ${setting}=${String(Math.max(needed, advised[kind]))}`;
    return limits[kind] >= needed
      ? []
      : [
          `${setting} is ${String(limits[kind])}, too low for the ${String(nodes)} nodes that it will have: their parts would ` +
            `fail with "too many open files". Raise it: ${remedy} (and put the setting into /etc/sysctl.d to keep it).`,
        ];
  });
}
