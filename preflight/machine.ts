import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { type KindClusterSettings, PreconditionError, type Settings } from "../settings/index";
import { identityOf, scopeOf } from "../components/clusters/identity";
import { ownershipMark } from "../components/clusters/kind";
import { formerOf, nobody, type RecordedOwnership } from "../components/clusters/ownership";

/** Kernel limits, counted per user of the machine. */
export interface InotifyLimits {
  readonly instances: number;
  readonly watches: number;
}

/**
 * What one node takes of the limits, measured with kind 0.33 and Kubernetes 1.34 (a control plane 26 instances and 200
 * watches), and what the rest of the machine may.
 */
const perNode: InotifyLimits = { instances: 32, watches: 1024 };
const others: InotifyLimits = { instances: 64, watches: 4096 };
/** What kind's own documentation advises (https://kind.sigs.k8s.io/docs/user/known-issues/#pod-errors-due-to-too-many-open-files). */
const advised: InotifyLimits = { instances: 512, watches: 524_288 };

/**
 * Whether this machine can make the kind clusters, and the contexts, of a stack: asked before anything is created, and not in
 * a preview, which may run elsewhere.
 *
 * @param recorded What the stack's state tells of whose the clusters of this machine are.
 * @throws PreconditionError with all that is missing, and what to do.
 */
export async function checkMachine(settings: Settings, recorded: RecordedOwnership): Promise<void> {
  if (pulumi.runtime.isDryRun()) {
    return;
  }
  const kindClusters = settings.clusters.some(({ provisioner }) => provisioner === "kind");
  const contexts = settings.contexts && settings.clusters.some(({ provisioner }) => provisioner !== "existing");
  const faults = [
    ...(kindClusters ? await kindFaults(settings, recorded) : []),
    ...(contexts ? await kubectlFaults() : []),
  ];
  if (faults.length > 0) {
    const what = kindClusters ? "kind clusters" : "contexts";
    throw new PreconditionError(
      [`This machine can't make ${what} yet:`, ...faults.map((fault) => `- ${fault}`)].join("\n"),
      "docs/kind.md#what-the-machine-needs",
    );
  }
}

async function kindFaults(settings: Settings, recorded: RecordedOwnership): Promise<string[]> {
  const faults = [await kindFault(), await engineFault()].filter((fault) => fault !== undefined);
  const limits = faults.length === 0 ? inotifyLimits() : undefined;
  return limits ? inotifyFaults(limits, nodesToBe(settings, await nodesThere(), recorded)) : faults;
}

async function kubectlFaults(): Promise<string[]> {
  return (await answers("kubectl", "version", "--client"))
    ? []
    : [
        "the kubectl command, which makes contexts, is not on the PATH. Install it (https://kubernetes.io/docs/tasks/tools/), or set contexts: false.",
      ];
}

function engine(): string {
  return process.env["KIND_EXPERIMENTAL_PROVIDER"] || "docker";
}

async function kindFault(): Promise<string | undefined> {
  return (await answers("kind", "version"))
    ? undefined
    : "the kind command is not on the PATH. Install it: https://kind.sigs.k8s.io/docs/user/quick-start/#installation";
}

async function engineFault(): Promise<string | undefined> {
  if (await answers(engine(), "info")) {
    return undefined;
  }
  return (await answers(engine(), "--version"))
    ? `the container engine does not answer (${engine()} info fails). Start it, and see that you may use it.`
    : `the ${engine()} command is not on the PATH. Install a container engine, or name another in KIND_EXPERIMENTAL_PROVIDER.`;
}

function answers(program: string, ...args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(program, args).then(
    () => true,
    () => false,
  );
}

/** The containers that are nodes of kind clusters, whoever made them. */
async function nodesThere(): Promise<NodeThere[]> {
  const ask = async (...args: readonly string[]) => {
    const { stdout } = await promisify(execFile)(engine(), args);
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
export interface NodeThere {
  /** Name of the cluster on this machine. */
  readonly cluster: string;
  /** Paths inside of it, its owner's mark among them. */
  readonly mounts: readonly string[];
}

/**
 * How many nodes the machine will have if some clusters are yet to be made, or to be made anew; none if all are there as they
 * shall be. A cluster that is made anew under its name goes before, one with a name of its own stays until the new one is there.
 */
export function nodesToBe(
  { clusters, uniqueNames }: Pick<Settings, "clusters" | "uniqueNames">,
  there: readonly NodeThere[],
  recorded: RecordedOwnership,
): number {
  const kindClusters = clusters.filter((cluster) => cluster.provisioner === "kind");
  const isThere = (cluster: KindClusterSettings) => {
    const identity = identityOf(cluster);
    const former = formerOf(recorded, scopeOf(cluster), uniqueNames ? undefined : cluster.name)?.mark;
    const marks = [ownershipMark(recorded.owner ?? nobody, identity)];
    if (former?.endsWith(`/${identity}`)) {
      marks.push(`/flatmesh/${former}`);
    }
    return there.some(({ mounts }) => marks.some((mark) => mounts.includes(mark)));
  };
  const missing = kindClusters.filter((cluster) => !isThere(cluster));
  const more = missing.reduce((sum, { controlPlanes, workers }) => sum + controlPlanes + workers, 0);
  const names = new Set(uniqueNames ? [] : missing.map(({ name }) => name));
  return more === 0 ? 0 : there.filter(({ cluster }) => !names.has(cluster)).length + more;
}

/** The kernel's limits, where the container engine's kernel is this machine's own. */
function inotifyLimits(): InotifyLimits | undefined {
  const file = (name: string) => `/proc/sys/fs/inotify/${name}`;
  const elsewhere = /^(tcp|ssh|https?):/.test(process.env["DOCKER_HOST"] ?? "");
  if (elsewhere || !existsSync(file("max_user_instances"))) {
    return undefined;
  }
  const read = (name: string) => Number(readFileSync(file(name), "utf8"));
  return { instances: read("max_user_instances"), watches: read("max_user_watches") };
}

/** What is too low of the limits for that many nodes on this machine. */
export function inotifyFaults(limits: InotifyLimits, nodes: number): string[] {
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
