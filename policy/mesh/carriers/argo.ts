import { at, isMap, kindOf, list, missing, type Properties, type Resource, text, type Value } from "../../state";
import {
  type Carried,
  type Content,
  hasTemplates,
  nothing,
  speaksOfMesh,
  type Target,
  templatesUnknown,
  together,
} from "./content";
import { type ReadValues, releaseOf, setValues, valuesAt } from "./helm";

/** Argo CD: an Application, or what an ApplicationSet makes Applications of. */
export function ofArgo(carrier: Resource): Carried {
  const { group, kind } = kindOf(carrier) ?? {};
  if (group !== "argoproj.io") {
    return nothing;
  }
  const { inputs } = carrier;
  if (kind === "Application") {
    return ofApplication(inputs, "spec", { templated: false, cluster: destination(at(inputs, "spec", "destination")) });
  }
  return kind === "ApplicationSet" ? ofApplicationSet(inputs) : nothing;
}

interface Reading {
  /** Whether texts in braces are filled in before Argo CD reads them. */
  readonly templated: boolean;
  readonly cluster: Target | undefined;
}

function ofApplication(application: Value, path: string, reading: Reading): Carried {
  const spec = at(application, "spec");
  const sources = [
    ...(isMap(at(spec, "source")) ? [{ source: at(spec, "source") ?? null, path: `${path}.source` }] : []),
    ...list(spec, "sources").map((source, index) => ({ source, path: `${path}.sources[${String(index)}]` })),
  ];
  // Without the finalizer the objects of an Application stay where it is deleted.
  const outlives = !list(application, "metadata", "finalizers").some((one) =>
    /^resources-finalizer\.argocd\.argoproj\.io/.test(text(one) ?? ""),
  );
  const filled = (value: Value | undefined): Value | undefined =>
    reading.templated && value !== undefined ? templatesUnknown(value) : value;
  const namespace = filled(at(spec, "destination", "namespace"));
  const name = filled(at(application, "metadata", "name"));
  return together([
    ...sources.map(({ source, path: here }) => ofSource(source, here, { ...reading, outlives, namespace, name })),
    { contents: namespaceOf(spec, path, { cluster: reading.cluster, outlives }), unread: [] },
  ]);
}

interface Use extends Reading {
  readonly outlives: boolean;
  readonly namespace: Value | undefined;
  readonly name: Value | undefined;
}

function ofSource(raw: Value, path: string, { templated, cluster, outlives, namespace, name }: Use): Carried {
  const source = templated ? templatesUnknown(raw) : raw;
  const url = text(source, "repoURL");
  const helm = at(source, "helm");
  const where = chartOf(source, url);
  if (where === undefined) {
    // A source with a name alone has files for the others.
    return missing(at(source, "path")) || !speaksOfMesh(url, text(source, "path"), text(name), text(namespace))
      ? nothing
      : {
          contents: [],
          unread: [`takes objects from the folder ${text(source, "path") ?? ""} of a repository (${path}.path)`],
        };
  }
  const inline: ReadValues = missing(at(helm, "valuesObject"))
    ? valuesAt(at(raw, "helm", "values"), `${path}.helm.values`, templated)
    : valuesAt(at(helm, "valuesObject"), `${path}.helm.valuesObject`);
  const settings = list(helm, "parameters").flatMap((parameter) => {
    const key = text(parameter, "name");
    const value = at(parameter, "value") ?? null;
    return key === undefined
      ? []
      : [
          {
            name: key,
            value,
            asText: text(parameter, "forceString") === "true",
          },
        ];
  });
  return releaseOf({
    ...where,
    path: isMap(helm) ? `${path}.helm` : path,
    name: at(helm, "releaseName") ?? name,
    namespace,
    values: [inline, setValues(settings)],
    cluster,
    outlives,
    unread: [
      ...list(helm, "valueFiles").map(
        (file) => `takes values from the file ${text(file) ?? ""} (${path}.helm.valueFiles)`,
      ),
      ...list(helm, "fileParameters").map(
        (one) => `takes ${text(one, "name") ?? "a value"} from a file (${path}.helm.fileParameters)`,
      ),
    ],
  });
}

/** The chart of a source; undefined for one of plain objects, or of nothing but values. */
function chartOf(source: Value | undefined, url: string | undefined) {
  const chart = at(source, "chart");
  const version = at(source, "targetRevision");
  if (!missing(chart)) {
    // Argo CD has registries without their scheme.
    const repository = url === undefined ? at(source, "repoURL") : /^\w+:\/\//.test(url) ? url : `oci://${url}`;
    return { chart, repository, version };
  }
  if (url?.startsWith("oci://") === true) {
    return { chart: url, version };
  }
  const path = text(source, "path");
  return path !== undefined && isMap(at(source, "helm")) ? { chart: `./${path}`, version: undefined } : undefined;
}

/** The cluster that Argo CD itself runs in is the carrier's own. */
function destination(value: Value | undefined): Target | undefined {
  const [name, server] = [text(value, "name"), text(value, "server")];
  const own =
    name === "in-cluster" ||
    (name === undefined && (server === undefined || /^https:\/\/kubernetes\.default(\.|$|:)/.test(server)));
  const id = name ?? server;
  return own || id === undefined ? undefined : { id, name: id };
}

/** The labels that Argo CD gives the namespace, new or not. */
function namespaceOf(spec: Value | undefined, path: string, more: Pick<Content, "cluster" | "outlives">): Content[] {
  const labels = at(spec, "syncPolicy", "managedNamespaceMetadata", "labels");
  const name = at(spec, "destination", "namespace");
  return isMap(labels) && name !== undefined
    ? [
        {
          path: `${path}.syncPolicy.managedNamespaceMetadata`,
          type: "kubernetes:core/v1:NamespacePatch",
          inputs: { metadata: { name, labels } },
          ...more,
        },
      ]
    : [];
}

function ofApplicationSet(inputs: Properties): Carried {
  const spec = at(inputs, "spec");
  const template = at(spec, "template") ?? {};
  const own = text(inputs, "metadata", "name") ?? "";
  // Sets over the same clusters have the same generators.
  const cluster = {
    id: `generators ${JSON.stringify(at(spec, "generators") ?? null)}`,
    name: `of ApplicationSet ${own}`,
  };
  const carried = ofApplication(template, "spec.template.spec", { templated: true, cluster });
  return !carried.contents.some(({ inputs: { chart, namespace } }) => speaksOfMesh(chart, namespace, own))
    ? carried
    : {
        contents: carried.contents,
        unread: [
          ...carried.unread,
          ...(hasTemplates(template) ? ["has its generators fill in values (spec.template)"] : []),
          ...(missing(at(spec, "templatePatch")) ? [] : ["patches its Applications (spec.templatePatch)"]),
        ],
      };
}
