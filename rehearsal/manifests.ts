import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writePrivate } from "../files";
import type { KubernetesObject } from "../kubernetes";
import { isKnownKind, isMadeByEverybody, judgeManifests, readManifests } from "../preflight/manifests";
import { parseSettings, type Config, type Settings } from "../settings";

/** Manifests that a hollow cluster can take, with what to tell of them. */
export interface RehearsedManifests {
  readonly config: Config;
  readonly changes: readonly string[];
}

/**
 * What a stack's manifests expect of existing clusters, kwok clusters don't have: namespaces, which are added, and definitions of others,
 * whose objects are left out. Nor does anybody program Gateways in them, but for those of the peering.
 *
 * @param existing Names of the clusters that exist already.
 * @param folder Where changed manifests are written.
 */
export async function rehearsedManifests(
  config: Config,
  existing: ReadonlySet<string>,
  folder: string,
): Promise<RehearsedManifests> {
  const settings = parseSettings(config);
  const { value, problems } = judgeManifests(await readManifests(settings), settings);
  if (problems.length > 0) {
    // The program says all that is wrong with them.
    return { config: {}, changes: [] };
  }
  const changes: string[] = [];
  const changed = [...value].map(([name, objects]) => {
    const own = objects.map(({ object }) => object);
    return [name, existing.has(name) ? fitting(name, own, settings, changes) : own] as const;
  });
  const awaited = changed.map(
    ([name, objects]) => [name, objects.map((one) => unawaited(name, one, changes))] as const,
  );
  return changes.length === 0 ? { config: {}, changes } : { config: written(awaited, folder), changes };
}

function fitting(
  cluster: string,
  objects: readonly KubernetesObject[],
  settings: Settings,
  changes: string[],
): readonly KubernetesObject[] {
  const known = objects.filter((object) => isKnownKind(object, objects));
  const kinds = new Set(objects.filter((one) => !known.includes(one)).map(({ kind }) => kind));
  if (kinds.size > 0) {
    changes.push(
      `${cluster} is rehearsed without ${[...kinds].join(", ")} of the manifests, whose definitions only the real one has`,
    );
  }
  const own = new Set(objects.flatMap(({ kind, metadata }) => (kind === "Namespace" ? [metadata.name] : [])));
  const missing = new Set(
    known
      .flatMap(({ metadata: { namespace } }) => namespace ?? [])
      .filter((namespace) => !own.has(namespace) && !isMadeByEverybody(namespace, settings)),
  );
  if (missing.size > 0) {
    changes.push(`${cluster} gets the namespaces of the manifests that the real one has: ${[...missing].join(", ")}`);
  }
  return [...[...missing].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })), ...known];
}

const played: ReadonlySet<unknown> = new Set(["istio-eastwest", "istio-remote"]);

function unawaited(cluster: string, object: KubernetesObject, changes: string[]): KubernetesObject {
  const { kind, apiVersion, metadata } = object;
  const { gatewayClassName } = (object["spec"] ?? {}) as { readonly gatewayClassName?: unknown };
  if (kind !== "Gateway" || !apiVersion.startsWith("gateway.networking.k8s.io/") || played.has(gatewayClassName)) {
    return object;
  }
  changes.push(`${cluster} does not wait for Gateway ${metadata.name}, which nobody programs there`);
  const annotations = { ...(metadata["annotations"] as object | undefined), "pulumi.com/skipAwait": "true" };
  return { ...object, metadata: { ...metadata, annotations } };
}

function written(manifests: readonly (readonly [string, readonly KubernetesObject[]])[], folder: string): Config {
  const place = join(folder, "manifests");
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const settings = manifests.map(([name, items]) => {
    const path = join(place, `${name}.json`);
    writePrivate(path, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    return { path, clusters: [name] };
  });
  return { manifests: JSON.stringify(settings) };
}
