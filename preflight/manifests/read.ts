import { type KubernetesObject, titleOf } from "../../kubernetes";
import type { ClusterSettings, ManifestsSetting, Settings } from "../../settings";
import { printable } from "../../printable";
import { failure, type Judged, type Problem } from "../problems";
import { documentsIn } from "./documents";
import { filesAt, type ManifestFile } from "./files";
import { groupOf, isNamespaced } from "./kinds";
import { isMap, objectIn } from "./objects";
import { ownerOf } from "./own-objects";

/** The section of the documents on all of it. */
const manifestsSection = "docs/manifests.md#what-is-refused";

/** An object of the manifests, with the place that it comes from. */
export interface PlacedObject {
  readonly object: KubernetesObject;
  /** Such as `manifests/telemetry.yaml, line 12`. */
  readonly place: string;
}

/** The objects that each cluster gets, by its name. */
export type ObjectsByCluster = ReadonlyMap<string, readonly PlacedObject[]>;

/** What the settings name, file by file. */
export interface ReadManifests {
  readonly setting: ManifestsSetting;
  readonly files: readonly ManifestFile[];
}

/** Reads every file that the settings name. */
export function readManifests({ manifests }: Pick<Settings, "manifests">): Promise<readonly ReadManifests[]> {
  return Promise.all(manifests.map(async (setting) => ({ setting, files: await filesAt(setting.path) })));
}

/**
 * The objects that each cluster gets; those of another's, and what no cluster could take, are problems, all of them together.
 */
export function judgeManifests(read: readonly ReadManifests[], settings: Settings): Judged<ObjectsByCluster> {
  const faults: string[] = [];
  const parsed = read.map(({ setting, files }) => ({
    setting,
    objects: files.flatMap((file) => objectsOf(file, faults)),
  }));
  const byCluster = settings.clusters.map((cluster) => {
    const own = parsed.flatMap(({ setting, objects }) =>
      setting.clusters === undefined || setting.clusters.includes(cluster.name) ? objects : [],
    );
    faults.push(...ownershipFaults(own, settings, cluster), ...repeated(own));
    return [cluster.name, own.map((one) => ({ ...one, object: scoped(one.object, own) }))] as const;
  });
  return { value: new Map(byCluster), problems: refusal(faults) };
}

/** All that is wrong with manifests, as one problem. */
export function refusal(faults: readonly string[]): readonly Problem[] {
  const distinct = [...new Set(faults)];
  return distinct.length === 0
    ? []
    : [
        failure(
          `The manifests of this stack can't be applied:\n${distinct.map((fault) => `  - ${fault}`).join("\n")}`,
          manifestsSection,
        ),
      ];
}

function objectsOf(file: ManifestFile, faults: string[]): PlacedObject[] {
  const path = printable(file.path);
  if ("problem" in file) {
    faults.push(`${path} ${file.problem}.`);
    return [];
  }
  const { values, faults: wrong } = documentsIn(file.text);
  faults.push(...wrong.map(({ line, problem }) => `${path}, line ${String(line)} ${problem}.`));
  return values.flatMap(({ value, line }) => {
    const place = `${path}, line ${String(line)}`;
    const read = objectIn(value);
    if ("problem" in read) {
      faults.push(`${place} ${read.problem}.`);
      return [];
    }
    return [{ object: read.object, place }];
  });
}

function ownershipFaults(objects: readonly PlacedObject[], settings: Settings, cluster: ClusterSettings): string[] {
  return objects.flatMap(({ object, place }) => {
    const owner = ownerOf(object, settings, cluster);
    return owner === undefined ? [] : [`${place}: ${titleOf(object)} ${owner}.`];
  });
}

/** Two places that declare one object, whatever version of its API they name. */
function repeated(objects: readonly PlacedObject[]): string[] {
  const places = new Map<string, string>();
  return objects.flatMap(({ object, place }) => {
    const key = `${groupOf(object.apiVersion)} ${titleOf(object)}`;
    const before = places.get(key);
    places.set(key, before ?? place);
    return before === undefined ? [] : [`${place}: ${titleOf(object)} is in ${before} already. Keep one of the two.`];
  });
}

/** Definitions among the manifests say whether a kind is in a namespace, where nothing else does. */
function scoped(object: KubernetesObject, all: readonly PlacedObject[]): KubernetesObject {
  const { apiVersion, kind, metadata } = object;
  if (isNamespaced(apiVersion, kind) !== undefined) {
    return object;
  }
  const definition = all.find((one) => definesKind(one.object, apiVersion, kind))?.object;
  const { namespace, ...rest } = metadata;
  switch (definition && specOf(definition)["scope"]) {
    case "Cluster":
      return { ...object, metadata: rest };
    case "Namespaced":
      return { ...object, metadata: { ...rest, namespace: namespace ?? "default" } };
    default:
      return object;
  }
}

/** Whether an object is the definition of a kind. */
export function definesKind(object: KubernetesObject, apiVersion: string, kind: string): boolean {
  if (object.kind !== "CustomResourceDefinition") {
    return false;
  }
  const { group, names } = specOf(object);
  return group === groupOf(apiVersion) && isMap(names) && names["kind"] === kind;
}

function specOf(object: KubernetesObject): Readonly<Record<string, unknown>> {
  return isMap(object["spec"]) ? object["spec"] : {};
}
