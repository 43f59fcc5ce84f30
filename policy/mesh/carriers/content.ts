import { isMap, kindOf, missing, type Properties, type Resource, text, texts, unknown, type Value } from "../../state";
import { readDocuments } from "../yaml";

/** An object, or a use of a chart, that a resource has something else make: a controller, an operator, another cluster's agent. */
export interface Content {
  /** Where in the carrier it stands. */
  readonly path: string;
  /** As Pulumi would have it: `kubernetes:core/v1:Namespace`, `kubernetes:helm.sh/v3:Release`. */
  readonly type: string;
  readonly inputs: Properties;
  /** The cluster that it is put into, where that is not the carrier's own. */
  readonly cluster?: Target | undefined;
  /** Whether it stays where the carrier is deleted. */
  readonly outlives?: boolean;
}

/** A cluster, or several that are one and the same to their carrier, as something else than a provider names it. */
export interface Target {
  /** Unique among the targets of a provider's cluster. */
  readonly id: string;
  /** For messages. */
  readonly name: string;
}

/** What a carrier has. */
export interface Carried {
  readonly contents: readonly Content[];
  /** What of a mesh it has that can't be read, each as a phrase for after its name: `takes values from ConfigMap x (spec.valuesFrom[0])`. */
  readonly unread: readonly string[];
}

/** @param among The resources that the carrier may refer to; itself alone where only it is seen. */
export type Reader = (carrier: Resource, among: readonly Resource[]) => Carried;

export const nothing: Carried = { contents: [], unread: [] };

export function together(all: readonly Carried[]): Carried {
  return { contents: all.flatMap(({ contents }) => contents), unread: all.flatMap(({ unread }) => unread) };
}

/** An object of Kubernetes that stands in another one; undefined for what doesn't say what it is. */
export function objectIn(value: Value, path: string, more: Pick<Content, "cluster" | "outlives"> = {}): Content[] {
  const [apiVersion, kind] = [text(value, "apiVersion"), text(value, "kind")];
  return apiVersion === undefined || kind === undefined || !/^[\w./-]+$/.test(apiVersion) || !/^\w+$/.test(kind)
    ? []
    : [
        {
          path,
          type: `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`,
          inputs: value as Properties,
          ...more,
        },
      ];
}

/** Whether a name, a path or an address is one of Istio's, or of what is made of it. */
export function speaksOfMesh(...texts: readonly (Value | undefined)[]): boolean {
  return texts.some((one) => typeof one === "string" && /istio|ztunnel|\bambient\b|solo[.-]?io|gloo-?mesh/i.test(one));
}

const template = /\{\{[^]*?\}\}|\$\{[^}]*\}/;

/** Whether some text is for a controller to fill in: `{{ .name }}`, `{{hub … hub}}`, `${ .ClusterName }`. */
export function hasTemplates(value: Value): boolean {
  return texts(value).some(({ text: one }) => template.test(one));
}

/** Values with every template as a text that is not known yet: what it will be, only the controller knows. */
export function templatesUnknown(value: Value): Value {
  if (typeof value === "string") {
    return template.test(value) ? unknown : value;
  }
  if (Array.isArray(value)) {
    return (value as readonly Value[]).map(templatesUnknown);
  }
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, templatesUnknown(one)]))
    : value;
}

/** A resource by what an object says that it is, its name and namespace, in the cluster of another one. */
export function findObject(
  among: readonly Resource[],
  beside: Resource,
  wanted: {
    readonly group: string;
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string | undefined;
  },
): Resource | undefined {
  return among.find((one) => {
    const of = kindOf(one);
    const namespace = text(one.inputs, "metadata", "namespace");
    return (
      of?.group === wanted.group &&
      of.kind === wanted.kind &&
      text(one.inputs, "metadata", "name") === wanted.name &&
      (missing(namespace) || wanted.namespace === undefined || namespace === wanted.namespace) &&
      one.provider?.urn === beside.provider?.urn
    );
  });
}

/** The objects in a text of YAML. */
export function objectsOf(source: string, path: string, more: Pick<Content, "cluster" | "outlives"> = {}): Carried {
  const documents = readDocuments(source);
  return "wrong" in documents
    ? { contents: [], unread: [`has ${path} that is not YAML (${documents.wrong}): correct it`] }
    : { contents: documents.values.flatMap((one) => objectIn(one, path, more)), unread: [] };
}
