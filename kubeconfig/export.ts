import { existsSync, readdirSync } from "node:fs";
import { clustersInState, rehearsalOf, rehearsedAccess, SourceError } from "../checks";
import { writePrivate } from "../files";
import { type Access, reasonOf } from "../kubernetes";

/** What is asked for. */
export interface Request {
  /** The project's. */
  readonly folder: string;
  readonly stack: string;
  /** Whether the clusters are those of the stack's rehearsal. */
  readonly rehearsal: boolean;
  /** Without it, the names of all clusters are listed. */
  readonly cluster?: string;
  /** Where the kubeconfig is written; without it, it is printed. */
  readonly file?: string;
}

const ending = ".kubeconfig";

/**
 * Finds a stack's clusters, and gives the kubeconfig of one.
 *
 * @returns What to print.
 * @throws SourceError where there is no such stack or cluster, or the file can't be written.
 * @throws KubeconfigError where the kubeconfig in the state can't be used.
 */
export async function exportKubeconfig({ folder, stack, rehearsal, cluster, file }: Request): Promise<string> {
  const clusters = rehearsal ? rehearsed(rehearsalOf(folder, stack), stack) : await deployed(folder, stack);
  const names = [...clusters.keys()].sort();
  if (cluster === undefined) {
    if (file !== undefined) {
      throw new SourceError(`--file is for one cluster: name it with --cluster, one of ${names.join(", ") || "none"}.`);
    }
    return names.map((name) => `${name}\n`).join("");
  }
  const access = clusters.get(cluster)?.();
  if (access === undefined) {
    throw new SourceError(
      `Stack ${stack} has no cluster ${cluster}, or has never completed it. It has: ${names.join(", ") || "none"}.`,
    );
  }
  if (access.isOfPod) {
    throw new SourceError(
      `Cluster ${cluster} is reached by the service account of the pod that runs Pulumi (kubeconfig: in-cluster), which nobody else ` +
        "can use. Use a kubeconfig of your own for it.",
    );
  }
  if (file === undefined) {
    return access.kubeconfig;
  }
  try {
    writePrivate(file, access.kubeconfig);
  } catch (error) {
    throw new SourceError(`${file} can't be written: ${reasonOf(error)}`);
  }
  return `${file} gives administrator access to ${cluster}, context ${access.context}. Only you can read it: delete it after use.\n`;
}

type ClusterAccess = ReadonlyMap<string, () => Access>;

async function deployed(folder: string, stack: string): Promise<ClusterAccess> {
  try {
    return new Map((await clustersInState(folder, stack)).map(({ name, access }) => [name, () => access()]));
  } catch (error) {
    if (error instanceof SourceError && existsSync(rehearsalOf(folder, stack))) {
      throw new SourceError(`${error.message} For those of the stack's rehearsal, which exists, add --rehearsal.`);
    }
    throw error;
  }
}

function rehearsed(folder: string, stack: string): ClusterAccess {
  if (!existsSync(folder)) {
    throw new SourceError(`There is no rehearsal of stack ${stack}: npm start -- --stack ${stack}`);
  }
  const names = readdirSync(folder).flatMap((file) => (file.endsWith(ending) ? [file.slice(0, -ending.length)] : []));
  return new Map(names.map((name) => [name, () => rehearsedAccess(folder, name)]));
}
