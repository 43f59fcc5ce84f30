import { parseAllDocuments } from "yaml";
import { asServed, type KubernetesObject } from "../../kubernetes";
import { isMap } from "./compare";

/**
 * The objects in the manifest of a Helm release, which is read as Go's reader does: by YAML 1.1, where `0644` is octal, and without
 * dates.
 *
 * @returns Those that have no namespace of their own are in the release's, if their kind is in any.
 */
export function objectsIn(manifest: string, namespace: string): KubernetesObject[] {
  const documents = parseAllDocuments(manifest, {
    version: "1.1",
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp"),
    logLevel: "silent",
    uniqueKeys: false,
  });
  return documents
    .map((document) => document.toJS() as unknown)
    .flatMap((document): readonly unknown[] => {
      const items = isMap(document) ? document["items"] : undefined;
      return Array.isArray(items) ? items : [document];
    })
    .filter(isObject)
    .map((object) => asServed({ ...object, metadata: { namespace, ...object.metadata } }));
}

function isObject(value: unknown): value is KubernetesObject {
  return (
    isMap(value) &&
    typeof value["apiVersion"] === "string" &&
    typeof value["kind"] === "string" &&
    isMap(value["metadata"]) &&
    typeof value["metadata"]["name"] === "string"
  );
}
