import { parseCIDR } from "ipaddr.js";
import { clusterConfigurations } from "../mesh";
import { type RuleViolation, noParameters, stackRule } from "../rule";
import { at, entries, list, missing, type Resource, stackType, text, texts, type Value } from "../state";

/** A subnet of a cluster. */
interface Subnet {
  readonly resource: Resource;
  readonly cluster: string;
  /** What it is for: `pod subnet`. */
  readonly what: string;
  readonly text: string;
}

type Named = Pick<Subnet, "what" | "text">;

/** Clouds, kind and kubeadm each have names of their own for them, in capitals or not. */
const keys: Readonly<Record<string, string>> = {
  podsubnet: "pod subnet",
  podcidr: "pod subnet",
  podcidrs: "pod subnet",
  podscidr: "pod subnet",
  podipv4cidr: "pod subnet",
  clustercidr: "pod subnet",
  clustersubnet: "pod subnet",
  clusteripv4cidr: "pod subnet",
  clusteripv4cidrblock: "pod subnet",
  servicesubnet: "service subnet",
  servicecidr: "service subnet",
  servicecidrs: "service subnet",
  servicescidr: "service subnet",
  serviceclusteriprange: "service subnet",
  serviceipv4cidr: "service subnet",
  servicesipv4cidr: "service subnet",
  servicesipv4cidrblock: "service subnet",
};

/** Flags, on command lines and in the configurations of kwok and kubeadm. */
const flags: Readonly<Record<string, string>> = {
  "cluster-cidr": "pod subnet",
  "pod-network-cidr": "pod subnet",
  "service-cidr": "service subnet",
  "service-cluster-ip-range": "service subnet",
};

/** Clusters that overlap can't share a flat network: an address there would be two pods. */
export const subnets = stackRule({
  name: "subnets",
  description: "The subnets of pods and services of all clusters in the stack do not overlap.",
  parameters: noParameters,
  evaluate: ({ resources }) =>
    [
      ...overlaps(resources.flatMap(ofMaker)),
      // What the stack's outputs say of clusters that it did not create; the others are evaluated at the resources that create them.
      ...overlaps(resources.flatMap(ofOutputs)),
    ].filter(({ message }, index, all) => all.findIndex((one) => one.message === message) === index),
});

/** The subnets that a resource gives the one cluster that it makes. */
function ofMaker(resource: Resource): Subnet[] {
  if (resource.type.startsWith("kubernetes:") || resource.provider === undefined) {
    return [];
  }
  const found = [
    ...(/:\w*Cluster$/.test(resource.type) ? named(resource.inputs) : []),
    ...(joins(resource) ? [] : texts(resource.inputs).flatMap(({ text: each }) => onCommandLines(each))),
    ...clusterConfigurations(resource).flatMap(named),
  ];
  const unique = new Map(found.map(({ what, text: subnet }) => [`${what} ${subnet}`, { what, text: subnet }]));
  return [...unique.values()].map((one) => ({ ...one, resource, cluster: resource.name }));
}

/** Further servers of a cluster are given the subnets that it has. */
function joins({ inputs }: Resource): boolean {
  return (
    !missing(at(inputs, "environment", "K3S_URL")) ||
    texts(inputs).some(({ text: each }) => /K3S_URL=|k3s\b[^]*\s--server[= ]|kubeadm\s+join/.test(each))
  );
}

/** Subnets on the command lines of k3s, kubeadm and the like. */
function onCommandLines(source: string): Named[] {
  return [...source.matchAll(/--([a-z-]+)[= ]["']?([\d./,:a-f]+)/g)].flatMap(([, flag = "", value = ""]) => {
    const what = flags[flag];
    return what === undefined ? [] : split(value).map((each) => ({ what, text: each }));
  });
}

/** What stands below a known key, at any depth. */
function named(value: Value): Named[] {
  if (Array.isArray(value)) {
    return (value as readonly Value[]).flatMap(named);
  }
  const flag = flags[text(value, "key") ?? text(value, "name") ?? ""];
  return [
    ...(flag === undefined ? [] : split(at(value, "value")).map((each) => ({ what: flag, text: each }))),
    ...entries(value).flatMap(([key, entry]) => {
      const what = keys[key.replaceAll(/[-_]/g, "").toLowerCase()] ?? flags[key];
      return what === undefined ? named(entry) : split(entry).map((each) => ({ what, text: each }));
    }),
  ];
}

function split(value: Value | undefined): string[] {
  const all = typeof value === "string" ? value.split(",") : list(value).filter((one) => typeof one === "string");
  return all.map((one) => one.trim()).filter((one) => one !== "");
}

/** `clusters` among the outputs of a stack: by name, with `podSubnet` and `serviceSubnet`. */
function ofOutputs(resource: Resource): Subnet[] {
  return resource.type !== stackType
    ? []
    : entries(resource.outputs, "clusters").flatMap(([cluster, value]) =>
        named(value).map((one) => ({ ...one, resource, cluster })),
      );
}

function overlaps(all: readonly Subnet[]): RuleViolation[] {
  return all.flatMap((one, index) =>
    all.slice(index + 1).flatMap((other): RuleViolation[] =>
      overlap(one.text, other.text)
        ? [
            {
              urn: other.resource.urn,
              message:
                `The ${other.what} of ${other.cluster}, ${other.text}, overlaps the ${one.what} of ${one.cluster}, ` +
                `${one.text}. Give one of them another subnet: on a flat network every address is one pod or service.`,
            },
          ]
        : [],
    ),
  );
}

function overlap(one: string, other: string): boolean {
  try {
    const [a, b] = [parseCIDR(one), parseCIDR(other)];
    const [wide, narrow] = a[1] <= b[1] ? [a, b] : [b, a];
    return narrow[0].kind() === wide[0].kind() && narrow[0].match(wide);
  } catch {
    // An invalid subnet is refused by the tool that creates the cluster.
    return false;
  }
}
