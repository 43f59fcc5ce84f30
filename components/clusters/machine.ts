import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { type KindClusterSettings, Refusal, type Settings } from "../../settings";

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
 * Whether this machine can make the kind clusters of a stack: asked before anything is created, and not in a preview, which
 * may run elsewhere.
 *
 * @throws Refusal with all that is missing, and what to do.
 */
export async function checkMachine(settings: Settings): Promise<void> {
  const wanted = settings.clusters.filter((cluster) => cluster.provisioner === "kind");
  if (pulumi.runtime.isDryRun() || wanted.length === 0) {
    return;
  }
  const faults = [await kindFault(), await engineFault()].filter((fault) => fault !== undefined);
  if (faults.length === 0) {
    const limits = inotifyLimits();
    const nodes = limits ? nodesToBe(wanted, await nodesThere()) : 0;
    faults.push(...(limits ? inotifyFaults(limits, nodes) : []));
  }
  if (faults.length > 0) {
    throw new Refusal(
      ["This machine can't make kind clusters yet:", ...faults.map((fault) => `- ${fault}`)].join("\n"),
    );
  }
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

/** Names of the containers that are nodes of kind clusters, whoever made them. */
async function nodesThere(): Promise<string[]> {
  const filter = ["--filter", "label=io.x-k8s.kind.role", "--format", "{{.Names}}"];
  const { stdout } = await promisify(execFile)(engine(), ["ps", ...filter]);
  return stdout.split("\n").filter((line) => line !== "");
}

/** How many nodes the machine will have if some clusters are yet to be made; none if all are there. */
export function nodesToBe(wanted: readonly KindClusterSettings[], there: readonly string[]): number {
  // With uniqueNames, six hexadecimal digits follow the name.
  const missing = wanted.filter(
    ({ name }) => !there.some((node) => new RegExp(`^${name}(-[0-9a-f]{6})?-control-plane$`).test(node)),
  );
  const more = missing.reduce((sum, { controlPlanes, workers }) => sum + controlPlanes + workers, 0);
  return more === 0 ? 0 : there.length + more;
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
