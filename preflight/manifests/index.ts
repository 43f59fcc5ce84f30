/**
 * The objects that a stack applies after its mesh: read from files of the project, and refused where no cluster could take them, or
 * something else has them.
 */
import type { ManifestObject } from "../../components/manifests";
import type { Settings } from "../../settings";
import type { GatewayApiBundle } from "../gateway-api";
import type { Judged } from "../problems";
import { formerTypes, type LiveArgs, liveFaults, readLiveManifests } from "./live";
import { judgeManifests, readManifests, refusal } from "./read";

export { isKnownKind, isMadeByEverybody } from "./live";
export { judgeManifests, readManifests } from "./read";

/** The objects that each cluster gets, by its name. */
export type PlannedManifests = ReadonlyMap<string, readonly ManifestObject[]>;

export interface ManifestsPreflight extends Omit<LiveArgs, "objects"> {
  readonly settings: Settings;
  readonly gatewayApi: GatewayApiBundle;
}

/** Reads the manifests and what the clusters have of them; changes nothing. */
export async function planManifests(args: ManifestsPreflight): Promise<Judged<PlannedManifests>> {
  const { settings, clusters, state, gatewayApi } = args;
  const { value: objects, problems } = judgeManifests(await readManifests(settings), settings);
  const live = problems.length > 0 ? [] : await readLiveManifests({ ...args, objects });
  const planned = clusters.map(({ name, namePrefix }) => {
    const own = (objects.get(name) ?? []).map(({ object }) => ({
      object,
      formerTypes: formerTypes(state, namePrefix, object),
    }));
    return [name, own] as const;
  });
  const faults = live.flatMap((one) => liveFaults(one, settings, gatewayApi, state));
  return { value: new Map(planned), problems: [...problems, ...refusal(faults)] };
}
