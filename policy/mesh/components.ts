import { at, kindOf, list, missing, type Resource, text, unknown, type Value } from "../state";
import { type Chart, chartsOf, firstOf, isRendered, type Part } from "./charts";
import { jsonOf, readImage } from "./images";
import { clusterOf, containers, isEastWest, label, networkLabel, subject } from "./objects";
import { versionOfTag } from "./versions";

/** A part of a mesh in a cluster, however it was installed. */
export interface Component {
  readonly resource: Resource;
  readonly part: Part;
  /** As {@link clusterOf} identifies clusters. */
  readonly cluster: string;
  /** Its versions, and where each is set; empty where none is, or none is known yet. */
  readonly versions: readonly { readonly path: string; readonly version: string }[];
  /** Its network, and where that is set; undefined for a part without one. */
  readonly network?: { readonly path: string; readonly value: Value | undefined; readonly opaque: boolean };
  /** The mesh's name for the cluster. */
  readonly clusterName: string | undefined;
  /** Its revision; istiods of several stand side by side while one replaces the other. */
  readonly revision: string;
}

/** The parts of the meshes that resources make. */
export function componentsOf(resources: readonly Resource[]): Component[] {
  return resources.flatMap((resource) => [
    ...(isRendered(resource) ? [] : chartsOf(resource)).flatMap((chart) =>
      chart.part === undefined ? [] : [ofChart(chart, chart.part)],
    ),
    ...ofWorkload(resource),
    ...ofNetworkGateway(resource),
    ...ofInjector(resource),
    ...ofBase(resource),
  ]);
}

function ofChart(chart: Chart, part: Part): Component {
  const { resource, values, opaque } = chart;
  const tag = firstOf(at(values, "tag"), at(values, "global", "tag"));
  const version = chart.version ?? /-v?(\d+\.\d+\.\d+[^/]*)\.tgz$/.exec(chart.chart)?.[1];
  const named = [
    ...(typeof version === "string" ? [{ path: "version", version: versionOfTag(version) }] : []),
    ...(typeof tag === "string" && tag !== "" ? [{ path: "values tag", version: versionOfTag(tag) }] : []),
  ];
  const network =
    part === "gateway"
      ? gatewayNetwork(values)
      : part === "istiod"
        ? { path: "values.global.network", value: at(values, "global", "network") }
        : part === "ztunnel"
          ? { path: "values.network", value: firstOf(at(values, "network"), at(values, "global", "network")) }
          : part === "peering" && text(values, "eastwest", "create") === "true"
            ? { path: "values.eastwest.network", value: at(values, "eastwest", "network") }
            : undefined;
  return {
    resource,
    part,
    cluster: clusterOf(resource),
    // What the peering chart installs has no images of the mesh.
    versions: named,
    ...(network && { network: { ...network, opaque: opaque || part === "gateway" } }),
    clusterName: clusterNameOf(part, values),
    revision: text(values, "revision") ?? "",
  };
}

/** The variable by which a gateway of upstream's serves a network to others. */
const networkView = "ISTIO_META_REQUESTED_NETWORK_VIEW";

/** The network that a gateway of upstream's chart leads into; undefined for one that leads into none. */
function gatewayNetwork(values: Value): { readonly path: string; readonly value: Value } | undefined {
  const places: [path: string, value: Value | undefined][] = [
    ["values.networkGateway", at(values, "networkGateway")],
    [`values.labels["${networkLabel}"]`, at(values, "labels", networkLabel)],
    [`values.env.${networkView}`, at(values, "env", networkView)],
  ];
  return places.flatMap(([path, value]) => (value === undefined || missing(value) ? [] : [{ path, value }]))[0];
}

function clusterNameOf(part: Part, values: Value): string | undefined {
  return part === "peering"
    ? text(values, "eastwest", "cluster")
    : (text(values, "global", "multiCluster", "clusterName") ?? text(values, "multiCluster", "clusterName"));
}

/** Images by which a rendered part is known. */
const images: Readonly<Record<string, Part>> = {
  pilot: "istiod",
  "install-cni": "cni",
  ztunnel: "ztunnel",
  proxyv2: "gateway",
};

/** What stands in the cluster as an object of its own: charts that were rendered first, and manifests. */
function ofWorkload(resource: Resource): Component[] {
  const seen = containers(resource).flatMap(({ path, value }) => {
    const reference = text(value, "image");
    const image = reference === undefined ? undefined : readImage(reference, `${path}.image`);
    const part = image && images[image.repository.slice(image.repository.lastIndexOf("/") + 1)];
    return image && part ? [{ image, part, value }] : [];
  });
  const [first] = seen;
  if (first === undefined) {
    return [];
  }
  const variable = (name: string): Value | undefined =>
    at(
      list(first.value, "env").find((entry) => text(entry, "name") === name),
      "value",
    );
  return [
    {
      resource,
      part: first.part,
      cluster: clusterOf(resource),
      versions: [
        ...chartVersion(resource),
        ...seen.flatMap(({ image: { path, tag } }) =>
          tag === undefined ? [] : [{ path, version: versionOfTag(tag) }],
        ),
      ],
      ...(first.part === "ztunnel" && {
        network: { path: "variable NETWORK", value: variable("NETWORK"), opaque: false },
      }),
      clusterName: text(variable("CLUSTER_ID")),
      revision: text(label(resource, "istio.io/rev")) ?? "",
    },
  ];
}

/** A gateway of upstream's that leads into a network, as its chart renders it: istiod fills in its image. */
function ofNetworkGateway(resource: Resource): Component[] {
  const variable = containers(resource)
    .flatMap(({ value }) => list(value, "env"))
    .find((entry) => text(entry, "name") === networkView);
  const own = kindOf(resource)?.kind === "Service" ? label(resource, networkLabel) : undefined;
  const network = variable
    ? { path: `variable ${networkView}`, value: at(variable, "value") }
    : { path: `label ${networkLabel}`, value: own };
  return missing(network.value)
    ? []
    : [
        {
          resource,
          part: "gateway",
          cluster: clusterOf(resource),
          versions: [],
          network: { ...network, opaque: true },
          clusterName: undefined,
          revision: "",
        },
      ];
}

const chartLabel = "helm.sh/chart";

/** What a rendered object's chart is called: `istiod-1.28.1`. */
function chartVersion(resource: Resource): Component["versions"] {
  const version = /-v?(\d+\.\d+\.\d+.*)$/.exec(text(label(resource, chartLabel)) ?? "")?.[1];
  return version === undefined ? [] : [{ path: `label ${chartLabel}`, version: versionOfTag(version) }];
}

/** Of a rendered base there is one ServiceAccount besides definitions, which don't say of what version they are. */
function ofBase(resource: Resource): Component[] {
  const base =
    kindOf(resource)?.kind === "ServiceAccount" &&
    /^base-/.test(text(label(resource, chartLabel)) ?? "") &&
    text(label(resource, "app.kubernetes.io/part-of")) === "istio";
  return base
    ? [
        {
          resource,
          part: "base",
          cluster: clusterOf(resource),
          versions: chartVersion(resource),
          clusterName: undefined,
          revision: "",
        },
      ]
    : [];
}

/** A rendered istiod has its network in the values of its injector. */
function ofInjector(resource: Resource): Component[] {
  const name = text(resource.inputs, "metadata", "name");
  if (kindOf(resource)?.kind !== "ConfigMap" || !name?.startsWith("istio-sidecar-injector")) {
    return [];
  }
  const data = at(resource.inputs, "data", "values");
  const values = data === unknown ? unknown : jsonOf(data);
  return [
    {
      resource,
      part: "istiod",
      cluster: clusterOf(resource),
      versions: [],
      network: { path: 'data.values, "global.network"', value: at(values, "global", "network"), opaque: false },
      clusterName: text(values, "global", "multiCluster", "clusterName"),
      revision: text(label(resource, "istio.io/rev")) ?? "",
    },
  ];
}

/** The names that the mesh has for the cluster of each provider, as istiod and the east-west Gateway there say. */
export function clusterNames(resources: readonly Resource[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  const add = (cluster: string, name: string | undefined): void => {
    if (name !== undefined && name !== "") {
      names.set(cluster, (names.get(cluster) ?? new Set()).add(name));
    }
  };
  for (const { cluster, clusterName } of componentsOf(resources)) {
    add(cluster, clusterName);
  }
  for (const resource of resources) {
    if (isEastWest(resource)) {
      add(clusterOf(resource), text(label(resource, "topology.istio.io/cluster")));
    }
  }
  return names;
}

/** A cluster for messages: the mesh's name for it, else that of its provider. */
export function clusterText(resource: Resource, names: ReadonlyMap<string, ReadonlySet<string>>): string {
  const [name] = names.get(clusterOf(resource)) ?? [];
  return `cluster ${name ?? resource.provider?.name ?? subject(resource)}`;
}
