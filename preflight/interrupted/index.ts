/**
 * What an update was making when it was killed. The object or the release exists, and the state does not have it: Pulumi's provider
 * would refuse to create it, for ever. The state's pending operations say what that was, and marks on the object that it is this. The
 * same holds for what a removal from an existing cluster leaves until its end, if it was interrupted before that.
 */
import { z } from "zod";
import type { InterruptedCluster } from "../../components/clusters";
import { type Access, ApiServer, Forbidden, objectPath, Unreachable } from "../../kubernetes";
import { type PendingCreate, pendingCreates, pendingReplacements, resourceKey, type StackState } from "../../stacks";
import { accessTo } from "../access";
import type { PlannedCluster } from "../cluster-plan";
import type { OwnStack } from "../engine";
import type { Run } from "../unavailable";
import { isMadeOf } from "./mark";
import { exportStack } from "./pulumi-cli";
import { isRecordOf, releaseOf } from "./release";
import { isThere, type Retained, retainedIn } from "./retained";

/** By the clusters' name prefixes. */
export type Interrupted = ReadonlyMap<string, InterruptedCluster>;

/** Something that an interrupted update has left. */
type Made = Pick<PendingCreate, "key" | "type">;

const releaseType = "kubernetes:helm.sh/v3:Release";
/** Stands for the type of any object. */
const objectType = "kubernetes:object";
const providerType = "pulumi:providers:kubernetes";

/**
 * Finds what interrupted updates have made in the stack's clusters and the state does not have. Nothing else is asked, and no cluster,
 * unless the state has pending operations, or Commands without what they delete in the end; offline, nothing at all is.
 *
 * @param access To the clusters that are in the state, by name.
 * @param askCli How the stack is exported.
 */
export async function readInterrupted(
  clusters: readonly PlannedCluster[],
  { name: stack, state }: OwnStack,
  access: ReadonlyMap<string, Access>,
  run: Run,
  offline: boolean,
  askCli = exportStack,
): Promise<Interrupted> {
  const begun = clusters.filter(({ namePrefix }) => state.has(resourceKey(providerType, namePrefix)));
  const pending = offline || begun.length === 0 ? [] : await unrecorded(stack, state, askCli);
  const found = await Promise.all(
    begun.map(async (cluster): Promise<[string, InterruptedCluster]> => {
      const { name, namePrefix, settings } = cluster;
      const own = pending.filter(({ provider }) => provider === namePrefix);
      const upsert = isUpserting(state, namePrefix);
      const existing = settings.provisioner === "existing";
      const way = existing ? () => accessTo(settings) : () => access.get(name);
      const retained = existing && !offline ? retainedIn(state, namePrefix) : [];
      const made = own.length + retained.length === 0 ? [] : await madeOf(own, retained, way, run);
      const objects = made.filter(({ type }) => type !== releaseType);
      return [namePrefix, { upsert: upsert || objects.length > 0, made: new Set(made.map(({ key }) => key)) }];
    }),
  );
  return new Map(found);
}

/** A state as it would be if those updates had been able to record what they have made. */
export function withInterrupted(state: StackState, interrupted: Interrupted): StackState {
  const made = [...interrupted.values()].flatMap((one) => [...one.made]);
  return made.length === 0 ? state : new Map([...made.map((key) => [key, {}] as const), ...state]);
}

/** Secrets are only decrypted if something is pending. */
async function unrecorded(
  stack: string,
  state: StackState,
  askCli: typeof exportStack,
): Promise<readonly PendingCreate[]> {
  const lost = (exported: unknown) => {
    const replaced = pendingReplacements(exported);
    return pendingCreates(exported).filter(
      ({ key, type }) => type.startsWith("kubernetes:") && (!state.has(key) || replaced.has(key)),
    );
  };
  const sealed = lost(await askCli(stack));
  return sealed.length === 0 ? [] : lost(await askCli(stack, ["--show-secrets"]));
}

/** Once a provider takes objects over, it stays so: the next plan would show a change. */
function isUpserting(state: StackState, namePrefix: string): boolean {
  const Provider = z.object({ upsertExistingObjects: z.union([z.literal("true"), z.literal(true)]) });
  return Provider.safeParse(state.get(resourceKey(providerType, namePrefix))).success;
}

/** Those that are there. A cluster that can't be asked is reported by whatever needs it. */
async function madeOf(
  pending: readonly PendingCreate[],
  retained: readonly Retained[],
  way: () => Access | undefined,
  run: Run,
): Promise<readonly Made[]> {
  try {
    const access = way();
    if (access === undefined) {
      return [];
    }
    const server = await ApiServer.open(access);
    const asked = [
      ...pending.map((one) => ({ ...one, isMade: () => isMade(server, one) })),
      ...retained.map((one) => ({ ...one, type: objectType, isMade: () => isThere(server, one) })),
    ];
    const judged = await Promise.all(asked.map(async (one) => ((await assumed(one.isMade, run)) ? [one] : [])));
    return judged.flat();
  } catch (error) {
    if (error instanceof Unreachable) {
      return [];
    }
    throw error;
  }
}

function isMade(server: ApiServer, { type, inputs }: PendingCreate): Promise<boolean> {
  return type === releaseType ? isReleaseMade(server, inputs) : isObjectMade(server, inputs);
}

async function assumed(ask: () => Promise<boolean>, run: Run): Promise<boolean> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Forbidden) {
      // Whoever previews may not read Secrets. The update looks, and refuses what is not the stack's.
      return run === "preview";
    }
    throw error;
  }
}

async function isObjectMade(server: ApiServer, inputs: PendingCreate["inputs"]): Promise<boolean> {
  const path = await objectPath(server, inputs);
  return path !== undefined && isMadeOf(await server.get(path), inputs);
}

const Secrets = z.array(z.object({ data: z.object({ release: z.string() }) }));

/** Where records were cleared before the kill, what they were of carries Helm's mark: Helm takes it up again, or refuses. */
async function isReleaseMade(server: ApiServer, inputs: PendingCreate["inputs"]): Promise<boolean> {
  const release = releaseOf(inputs);
  if (release === undefined) {
    return false;
  }
  const selector = encodeURIComponent(`owner=helm,name=${release.name}`);
  const path = `/api/v1/namespaces/${release.namespace}/secrets?labelSelector=${selector}`;
  const records = Secrets.parse((await server.items(path)) ?? []);
  return records.every(({ data }) => isRecordOf(data.release, inputs));
}
