import { parseDocument } from "yaml";
import { asServed, type KubernetesObject } from "../../kubernetes";
import { isMap } from "./compare";

/** What documents hold, by their text: clusters have the same definitions, which take half a second to read. */
const read = new Map<string, readonly KubernetesObject[]>();

/**
 * The objects in the manifest of a Helm release.
 *
 * @returns Those that have no namespace of their own are in the release's, if their kind is in any.
 */
export function objectsIn(manifest: string, namespace: string): KubernetesObject[] {
  // Nothing inside a document begins a line like that, not even in a text of many lines.
  const documents = manifest.split(/^---(?=\s|$)/m);
  return documents
    .flatMap((document) => {
      const objects = read.get(document) ?? objectsOf(document);
      read.set(document, objects);
      return objects;
    })
    .map((object) => asServed({ ...object, metadata: { namespace, ...object.metadata } }));
}

/** Reads as Go's reader does: by YAML 1.1, where `0644` is octal, and without dates. */
function objectsOf(text: string): readonly KubernetesObject[] {
  const document = parseDocument(text, {
    version: "1.1",
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp"),
    logLevel: "silent",
    // Costs a third of the time.
    prettyErrors: false,
    uniqueKeys: false,
  }).toJS() as unknown;
  const items = isMap(document) ? document["items"] : undefined;
  return (Array.isArray(items) ? items : [document]).filter(isObject);
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
