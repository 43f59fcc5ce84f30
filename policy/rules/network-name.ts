import { z } from "zod";
import { type RuleViolation, groupBy, stackRule } from "../rule";
import {
  chartsOf,
  clusterNames,
  clusterOf,
  clusterText,
  type Component,
  componentsOf,
  crossesNetworks,
  gatewayClass,
  isEastWest,
  isNamespace,
  isPatch,
  label,
  networkLabel as key,
  namespaceOf,
  subject,
} from "../mesh";
import { at, list, missing, type Resource, text, unknown, type Value } from "../state";

/** A place that has the network's name. */
interface Place {
  readonly resource: Resource;
  /** Such as `label topology.istio.io/network of Namespace istio-system`. */
  readonly where: string;
  readonly value: Value | undefined;
  /** What all places that have to say the same share. */
  readonly group: string;
  /** Whether the mesh does without. */
  readonly optional: boolean;
}

/**
 * istiod takes a peer for flat when the network of its Gateway is that of its own namespace, and else calls stay local: the
 * name has to be the same in the label of istiod's namespace, istiod's and ztunnel's values, and the labels of the east-west
 * Gateway and of every peer's Gateway.
 */
export const networkName = stackRule({
  name: "network-name",
  description:
    "The network has the same name in all five places: the label of istiod's namespace, istiod's and ztunnel's values, and the labels of the east-west Gateway and of every peer's.",
  parameters: z.object({
    flat: z
      .boolean()
      .default(true)
      .describe(
        "All clusters share one network; false for a mesh of several, where each cluster only has to agree with itself",
      ),
  }),
  evaluate: ({ resources }, { flat }) => {
    const places = placesOf(resources, flat);
    const groups = groupBy(places, ({ group }) => group);
    return [...groups.values()].flatMap((group) => evaluateGroup(group, flat));
  },
});

function evaluateGroup(places: readonly Place[], flat: boolean): RuleViolation[] {
  const names = places.flatMap(({ value }) => (typeof value === "string" && value !== "" ? [value] : []));
  const expected = mostFrequent(names);
  return expected === undefined
    ? []
    : places.flatMap(({ resource, where, value, optional }): RuleViolation[] => {
        const remedy =
          `Set it to ${expected}, ideally from one value in the program.` +
          (flat ? " (For a mesh of several networks, set this policy's parameter flat to false.)" : "");
        if (missing(value)) {
          return optional
            ? []
            : [{ urn: resource.urn, message: `${where} names no network, but the mesh's is ${expected}. ${remedy}` }];
        }
        return typeof value === "string" && value !== expected
          ? [
              {
                urn: resource.urn,
                message: `${where} is ${value}, but elsewhere the network is ${expected}. ${remedy}`,
              },
            ]
          : [];
      });
}

/** Of names that are equally frequent, the first. */
function mostFrequent(names: readonly string[]): string | undefined {
  const count = (name: string): number => names.filter((other) => other === name).length;
  return names.reduce<string | undefined>(
    (best, name) => (best === undefined || count(name) > count(best) ? name : best),
    undefined,
  );
}

function placesOf(resources: readonly Resource[], flat: boolean): Place[] {
  const names = clusterNames(resources);
  const components = componentsOf(resources);
  const ambient = new Set([
    ...components.flatMap(({ part, cluster }) => (part === "ztunnel" ? [cluster] : [])),
    ...components.flatMap(({ part, cluster }) => (part === "peering" ? [cluster] : [])),
    ...resources.flatMap((one) => (isPeering(one) ? [clusterOf(one)] : [])),
  ]);
  // Clusters with sidecars alone may each be a network of its own, and those with upstream's east-west Gateway are.
  const apart = new Set([
    ...resources.filter(crossesNetworks).map(clusterOf),
    ...components.flatMap(({ part, network, cluster }) => (part === "gateway" && network ? [cluster] : [])),
  ]);
  const shares = (cluster: string): boolean => flat && ambient.has(cluster) && !apart.has(cluster);
  const own = (resource: Resource): Pick<Place, "resource" | "group"> => ({
    resource,
    group: shares(clusterOf(resource)) ? "" : clusterOf(resource),
  });
  /** The network that a peer's cluster says itself, where it is one of the stack's. */
  const peers = (resource: Resource, peer: string | undefined): Pick<Place, "resource" | "group"> => {
    const [cluster] = [...names].find(([, all]) => peer !== undefined && all.has(peer)) ?? [];
    return { resource, group: flat ? "" : (cluster ?? `peer ${peer ?? ""}`) };
  };
  const namespaces = namespacesOf(resources, components).map(({ resource, value, patch }) => ({
    ...own(resource),
    where: `Label ${key} of Namespace ${subject(resource)} in ${clusterText(resource, names)}`,
    value,
    // A patch says only what it changes.
    optional: patch || !ambient.has(clusterOf(resource)),
  }));
  const values = components.flatMap(({ resource, network, part }) =>
    network === undefined
      ? []
      : [
          {
            ...own(resource),
            where: `${capital(network.path)} of ${part} in ${clusterText(resource, names)}`,
            value: network.value,
            optional: network.opaque || isPatch(resource) || !ambient.has(clusterOf(resource)),
          },
        ],
  );
  const gateways = resources.filter(isPeering).map((resource) => ({
    ...(gatewayClass(resource) === "istio-remote"
      ? peers(resource, text(label(resource, "topology.istio.io/cluster")))
      : own(resource)),
    where: `Label ${key} of Gateway ${subject(resource)} in ${clusterText(resource, names)}`,
    value: label(resource, key),
    optional: isPatch(resource),
  }));
  const items = resources.flatMap((resource) =>
    chartsOf(resource).flatMap(({ part, values: chart }) =>
      part !== "peering" || text(chart, "remote", "create") === "false"
        ? []
        : list(chart, "remote", "items").map((item, index) => ({
            ...peers(resource, text(item, "cluster")),
            where: `Value remote.items[${String(index)}].network in ${clusterText(resource, names)}`,
            value: at(item, "network"),
            optional: false,
          })),
    ),
  );
  return [...namespaces, ...values, ...gateways, ...items];
}

function isPeering(resource: Resource): boolean {
  return isEastWest(resource) || gatewayClass(resource) === "istio-remote";
}

/** The namespaces that istiod runs in, once each: one that is there and patched has its label from either. */
function namespacesOf(
  resources: readonly Resource[],
  components: readonly Component[],
): { readonly resource: Resource; readonly value: Value | undefined; readonly patch: boolean }[] {
  const running = new Set(
    components.flatMap(({ part, cluster, resource }) =>
      part === "istiod" ? [`${cluster} ${namespaceText(resource)}`] : [],
    ),
  );
  const found = resources.filter(
    (one) => isNamespace(one) && running.has(`${clusterOf(one)} ${text(one.inputs, "metadata", "name") ?? ""}`),
  );
  return [...groupBy(found, (one) => `${clusterOf(one)} ${subject(one)}`).values()].flatMap((same) => {
    const [first] = same;
    const labels = same.map((one) => label(one, key));
    return first === undefined
      ? []
      : [{ resource: first, value: labels.find((one) => !missing(one)), patch: same.every(isPatch) }];
  });
}

/** Where a part runs; istiod's namespace where none is said. */
function namespaceText(resource: Resource): string {
  const namespace = namespaceOf(resource);
  return namespace === unknown ? "" : (text(namespace) ?? "istio-system");
}

function capital(path: string): string {
  return path.replace(/^./, (first) => first.toUpperCase());
}
