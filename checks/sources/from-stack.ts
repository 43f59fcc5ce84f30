import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exportedState, type RecordedKubeconfig, recordedKubeconfigs } from "../../stacks";
import { folderProblem } from "../../files";
import { type Access, KubeconfigError, ownAccess } from "../../kubernetes";
import { type Source, SourceError } from "./source";
import { meshOf } from "./outputs";
import { askPulumi } from "./pulumi";

/**
 * The mesh of a deployed stack, by its outputs; of its rehearsal, where there is one and the stack is not deployed, or where
 * that is asked for.
 *
 * @param folder The project's.
 * @throws SourceError
 */
export async function fromStack(folder: string, stack: string, rehearsal: boolean): Promise<Source> {
  const rehearsed = rehearsalOf(folder, stack);
  if (rehearsal) {
    return fromRehearsal(rehearsed, stack);
  }
  const answer = await askPulumi(folder, ["stack", "output", "--json", "--stack", stack]);
  if ("value" in answer && typeof answer.value === "object" && Object.keys(answer.value ?? {}).length > 0) {
    const kept = await clustersInState(folder, stack);
    return {
      kind: "stack",
      name: stack,
      mesh: meshOf(answer.value, `stack ${stack}`, (cluster) => accessIn(kept, cluster)),
    };
  }
  if (existsSync(join(rehearsed, "outputs.json"))) {
    return fromRehearsal(rehearsed, stack);
  }
  const reason = "reason" in answer ? answer.reason : "it has no outputs";
  throw new SourceError(
    `Stack ${stack} can't be checked: ${reason}, and there is no rehearsal of it. Deploy it (pulumi up --stack ${stack}), rehearse ` +
      `it (npm start -- --stack ${stack}), or name the clusters: npm run check -- --contexts A,B`,
  );
}

/** The folder that the rehearsal of a stack is in, where there is one. */
export function rehearsalOf(folder: string, stack: string): string {
  return join(folder, ".flatmesh", stack);
}

/**
 * The clusters of a deployed stack with their kubeconfigs, which are encrypted in its state.
 *
 * @throws SourceError where Pulumi can't read the state.
 */
export async function clustersInState(folder: string, stack: string): Promise<RecordedKubeconfig[]> {
  const answer = await askPulumi(folder, ["stack", "export", "--show-secrets", "--stack", stack]);
  const state = "value" in answer ? exportedState(answer.value) : undefined;
  if (state === undefined) {
    const reason = "reason" in answer ? answer.reason : "it is not deployed";
    throw new SourceError(
      `The state of stack ${stack}, which has the kubeconfigs of its clusters, can't be read: ${reason}. This needs the pulumi command on the ` +
        "PATH, a login to the stack's backend, and the passphrase or key that its secrets are encrypted with.",
    );
  }
  return recordedKubeconfigs(state);
}

/** @throws KubeconfigError where there is no kubeconfig for a cluster. */
function accessIn(kept: readonly RecordedKubeconfig[], cluster: string): Access {
  const found = kept.find(({ name }) => name === cluster);
  if (found === undefined) {
    throw new KubeconfigError("the stack's state", `has no kubeconfig of cluster ${cluster}`, "run pulumi up");
  }
  return found.access();
}

/**
 * The mesh of a rehearsal: its folder has the outputs without secrets, and the kubeconfigs beside them.
 *
 * @throws SourceError
 */
export function fromRehearsal(folder: string, stack: string): Source {
  const file = join(folder, "outputs.json");
  if (!existsSync(file)) {
    throw new SourceError(`There is no rehearsal of stack ${stack}: npm start -- --stack ${stack}`);
  }
  // Its kubeconfigs are followed, wherever they lead.
  const problem = folderProblem(folder);
  if (problem !== undefined) {
    throw new SourceError(`The rehearsal of stack ${stack} can't be checked. ${problem}.`);
  }
  const outputs: unknown = JSON.parse(readFileSync(file, "utf8"));
  const mesh = meshOf(outputs, `the rehearsal of stack ${stack}`, (cluster) => rehearsedAccess(folder, cluster));
  return { kind: "rehearsal", name: stack, mesh };
}

/**
 * The way to a cluster of a rehearsal, whose folder has its kubeconfig.
 *
 * @throws KubeconfigError
 */
export function rehearsedAccess(folder: string, cluster: string): Access {
  const file = join(folder, `${cluster}.kubeconfig`);
  if (!existsSync(file)) {
    throw new KubeconfigError(file, "does not exist", "rehearse the stack again");
  }
  return ownAccess(readFileSync(file, "utf8"), file);
}
