import { z } from "zod";
import { resourceNameOf, typeOf } from "../../components/manifests";
import { namespaceCleanupResource } from "../../components/mesh";
import {
  type Access,
  ApiServer,
  Forbidden,
  type KubernetesObject,
  objectPaths,
  titleOf,
  Unreachable,
} from "../../kubernetes";
import { resourceKey, type StackState } from "../../stacks";
import { accessTo } from "../access";
import type { PlannedCluster } from "../cluster-plan";
import { desiredNamespaces } from "../existing-clusters/desired-objects";
import { type GatewayApiBundle, gatewayGroup } from "../gateway-api";
import type { Settings } from "../../settings";
import { groupOf, isBuiltIn, isIstio } from "./kinds";
import { definesKind, type ObjectsByCluster, type PlacedObject } from "./read";

/** What a cluster has of what manifests are about to create in it. */
export interface LiveManifests {
  readonly cluster: PlannedCluster;
  /** Everything that it gets. */
  readonly objects: readonly KubernetesObject[];
  /** What the stack does not have yet. */
  readonly added: readonly PlacedObject[];
  /** Undefined where there is no cluster yet; what it could not be asked for is left out. */
  readonly live?: LiveCluster;
  /** Whether the cluster is not there yet, and so has nothing but what every cluster has. */
  readonly isNew: boolean;
}

interface LiveCluster {
  /** Objects of these that it has, by {@link titleOf}. */
  readonly objects: ReadonlySet<string>;
  /** Kinds that it does not know, as `<apiVersion> <kind>`. */
  readonly unknownKinds: ReadonlySet<string>;
  /** Of the namespaces that the objects are in, those that it does not have. */
  readonly missingNamespaces: ReadonlySet<string>;
}

export interface LiveArgs {
  readonly clusters: readonly PlannedCluster[];
  readonly objects: ObjectsByCluster;
  /** With what interrupted updates have made. */
  readonly state: StackState;
  /** Access to each cluster that is in the state, by name. */
  readonly access: ReadonlyMap<string, Access>;
  readonly offline: boolean;
}

/** Looks for the objects that each cluster is about to get; a cluster that gets none that is new is not asked. */
export async function readLiveManifests(args: LiveArgs): Promise<readonly LiveManifests[]> {
  return Promise.all(
    args.clusters.map(async (cluster) => {
      const { namePrefix, name, settings } = cluster;
      const placed = args.objects.get(name) ?? [];
      const objects = placed.map(({ object }) => object);
      const added = placed.filter(({ object }) => !isRecorded(args.state, namePrefix, object));
      const isNew = settings.provisioner !== "existing" && !args.access.has(name);
      if (added.length === 0 || args.offline || isNew) {
        return { cluster, objects, added, isNew };
      }
      const live = await readLive(
        () => (settings.provisioner === "existing" ? accessTo(settings) : args.access.get(name)),
        added,
      );
      return { cluster, objects, added, isNew, ...(live && { live }) };
    }),
  );
}

/** Whether the state has an object, under whatever version of its API. */
export function isRecorded(state: StackState, namePrefix: string, object: KubernetesObject): boolean {
  return (
    state.has(resourceKey(typeOf(object), resourceNameOf(namePrefix, object))) ||
    formerTypes(state, namePrefix, object).length > 0
  );
}

/** The types of other versions of its API that the state has an object under. */
export function formerTypes(state: StackState, namePrefix: string, object: KubernetesObject): readonly string[] {
  const { apiVersion, kind } = object;
  const name = resourceNameOf(namePrefix, object);
  const group = groupOf(apiVersion) || "core";
  return [...state.keys()].flatMap((key) => {
    const [type = ""] = key.split(" ");
    const isOther = type.startsWith(`kubernetes:${group}/`) && type.endsWith(`:${kind}`) && type !== typeOf(object);
    return isOther && key === resourceKey(type, name) ? [type] : [];
  });
}

/** What can't be read is not judged: whatever needs the cluster reports that it can't be reached. */
async function readLive(
  way: () => Access | undefined,
  added: readonly PlacedObject[],
): Promise<LiveCluster | undefined> {
  try {
    const access = way();
    if (access === undefined) {
      return undefined;
    }
    const server = await ApiServer.open(access);
    const pathOf = await objectPaths(
      server,
      added.map(({ object }) => object.apiVersion),
    );
    const looked = await Promise.all(
      added.map(async ({ object }) => {
        const path = pathOf({ ...object, ...object.metadata });
        return { object, path, there: path !== undefined && (await isThere(server, path)) };
      }),
    );
    const places = [...new Set(added.flatMap(({ object }) => object.metadata.namespace ?? []))];
    const missing = await Promise.all(
      places.map(async (place) => ((await isThere(server, `/api/v1/namespaces/${place}`, true)) ? [] : [place])),
    );
    return {
      objects: new Set(looked.flatMap(({ object, there }) => (there ? [keyOf(object)] : []))),
      unknownKinds: new Set(looked.flatMap(({ object, path }) => (path === undefined ? [kindOf(object)] : []))),
      missingNamespaces: new Set(missing.flat()),
    };
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Forbidden || error instanceof z.ZodError) {
      return undefined;
    }
    throw error;
  }
}

/** @param otherwise What to take where whoever asks may not look. */
async function isThere(server: ApiServer, path: string, otherwise = false): Promise<boolean> {
  try {
    return (await server.metadata(path)) !== undefined;
  } catch (error) {
    if (error instanceof Forbidden) {
      return otherwise;
    }
    throw error;
  }
}

function keyOf(object: KubernetesObject): string {
  return `${groupOf(object.apiVersion)} ${titleOf(object)}`;
}

function kindOf({ apiVersion, kind }: KubernetesObject): string {
  return `${apiVersion} ${kind}`;
}

/** Why what is about to be created can't be, a sentence each. */
export function liveFaults(
  { cluster, objects, added, live, isNew }: LiveManifests,
  settings: Settings,
  gatewayApi: GatewayApiBundle,
  state: StackState,
): string[] {
  if (live === undefined && !isNew) {
    return [];
  }
  const own = new Set(objects.flatMap(({ kind, metadata }) => (kind === "Namespace" ? [metadata.name] : [])));
  return added.flatMap(({ object, place }) => {
    const title = `${place}: ${titleOf(object)}`;
    if (live?.objects.has(keyOf(object)) === true && !isRemnant(state, cluster.namePrefix, object)) {
      return [`${title} is in cluster ${cluster.name} already, and this stack has not made it. ${mending(object)}`];
    }
    const isUnknown = live?.unknownKinds.has(kindOf(object)) ?? !isBuiltIn(groupOf(object.apiVersion));
    const isBrought =
      objects.some((one) => definesKind(one, object.apiVersion, object.kind)) ||
      (isIstio(groupOf(object.apiVersion)) && !hasMesh(state, cluster.namePrefix)) ||
      isInBundle(object, gatewayApi);
    if (isUnknown && !isBrought) {
      return [
        `${title}: cluster ${cluster.name} does not know ${object.kind} of ${object.apiVersion}${isNew ? ", as no new cluster does" : ""}, ` +
          "and neither the mesh nor these manifests bring it. Correct apiVersion and kind, or add the file of its definition " +
          "(CustomResourceDefinition) to manifests.",
      ];
    }
    const { namespace } = object.metadata;
    if (namespace === undefined || own.has(namespace) || isMadeByEverybody(namespace, settings)) {
      return [];
    }
    return live === undefined || live.missingNamespaces.has(namespace)
      ? [
          `${title}: cluster ${cluster.name} has no namespace ${namespace}. Correct the name, or add a Namespace ` +
            `${namespace} to the manifests.`,
        ]
      : [];
  });
}

/** A namespace that a removal was about to take away at its end, when it was interrupted. */
function isRemnant(state: StackState, namePrefix: string, object: KubernetesObject): boolean {
  const { type, suffix } = namespaceCleanupResource;
  return object.kind === "Namespace" && state.has(resourceKey(type, `${resourceNameOf(namePrefix, object)}${suffix}`));
}

function mending(object: KubernetesObject): string {
  const { kind, metadata } = object;
  const where = metadata.namespace === undefined ? "" : ` -n ${metadata.namespace}`;
  return kind === "Namespace"
    ? "Take it out of the file: objects may be in it all the same."
    : `Take it out of the file; or, if nobody else keeps it, delete it, and run pulumi up: kubectl delete ${kind.toLowerCase()} ${metadata.name}${where}`;
}

/** Whether a cluster with nothing but the stack's mesh and these objects knows the kind of one of them. */
export function isKnownKind({ apiVersion, kind }: KubernetesObject, objects: readonly KubernetesObject[]): boolean {
  const group = groupOf(apiVersion);
  return (
    isBuiltIn(group) ||
    isIstio(group) ||
    group === gatewayGroup ||
    objects.some((one) => definesKind(one, apiVersion, kind))
  );
}

/** Whether a namespace is in every cluster, or in each with the stack's mesh. */
export function isMadeByEverybody(namespace: string, settings: Settings): boolean {
  return (
    ["default", "kube-node-lease", "kube-public", "kube-system"].includes(namespace) ||
    desiredNamespaces(settings).has(namespace)
  );
}

function hasMesh(state: StackState, namePrefix: string): boolean {
  return state.has(resourceKey("kubernetes:helm.sh/v3:Release", `${namePrefix}-istiod`));
}

function isInBundle({ apiVersion, kind }: KubernetesObject, { definitions }: GatewayApiBundle): boolean {
  return (
    groupOf(apiVersion) === gatewayGroup &&
    definitions.some(
      ({ spec }) =>
        (spec.names as { readonly kind?: string }).kind === kind &&
        (spec.versions as readonly { readonly name: string; readonly served: boolean }[]).some(
          ({ name, served }) => served && apiVersion === `${gatewayGroup}/${name}`,
        ),
    )
  );
}
