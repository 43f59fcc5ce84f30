import { isIP } from "node:net";
import {
  annotation,
  chartsOf,
  clusterNames,
  clusterOf,
  componentsOf,
  gatewayClass,
  isEastWest,
  isPatch,
  isRemoteSecret,
  label,
  remoteClusters,
  serverOf,
  subject,
} from "../mesh";
import { groupBy, type RuleViolation, noParameters, stackRule } from "../rule";
import { remoteSecretProblems } from "./peers/remote-secrets";
import { at, list, missing, type Resource, text, unknown, type Value } from "../state";

/** What a peer's Gateway has to contain: istiod ignores it otherwise, and calls silently stay local. */
export const peerGateways = stackRule({
  name: "peer-gateways",
  description:
    "Every peer's Gateway says all that istiod needs (address, listeners, cluster, network, trust domain, service account), every remote secret has a kubeconfig by which istiod reaches the peer safely, and no cluster is a peer of itself or called like another.",
  parameters: noParameters,
  evaluate: ({ resources }) => {
    const names = clusterNames(resources);
    const each = resources.flatMap((resource) => {
      const called = names.get(clusterOf(resource)) ?? new Set();
      // One provider with clusters of several names, a default one, doesn't show which of them a resource is in.
      const own = called.size === 1 ? called : new Set<string>();
      const gateways = called.size > 1 ? [] : resources.filter(isEastWest);
      return [
        ...gatewayProblems(resource, own),
        ...ownAddressProblems(resource, gateways),
        ...itemProblems(resource, own),
        ...secretProblems(resource, own),
        ...remoteSecretProblems(resource, resources),
      ].map((message): RuleViolation => ({ urn: resource.urn, message }));
    });
    return [...each, ...nameProblems(resources)];
  },
});

function gatewayProblems(resource: Resource, own: ReadonlySet<string>): string[] {
  if (gatewayClass(resource) !== "istio-remote") {
    return [];
  }
  const where = `Gateway ${subject(resource)}`;
  const cluster = label(resource, "topology.istio.io/cluster");
  const spec = at(resource.inputs, "spec");
  const needed: [Value | undefined, string][] = [
    [cluster, "label topology.istio.io/cluster: the peer's name in the mesh"],
    [label(resource, "topology.istio.io/network"), "label topology.istio.io/network: the shared network's name"],
    [annotation(resource, "gateway.istio.io/trust-domain"), "annotation gateway.istio.io/trust-domain: the peer's"],
    [
      annotation(resource, "gateway.istio.io/service-account"),
      "annotation gateway.istio.io/service-account: that of the peer's east-west Gateway, istio-eastwest",
    ],
  ];
  const [addresses, listeners] = [at(spec, "addresses"), at(spec, "listeners")];
  // A patch leaves out what it does not change.
  const whole = !isPatch(resource);
  return [
    ...(whole ? needed.filter(([value]) => missing(value)).map(([, what]) => `${where} lacks ${what}. Add it.`) : []),
    ...(whole || addresses !== undefined ? addressProblems(where, addresses) : []),
    ...(whole || listeners !== undefined ? listenerProblems(where, listeners, byNodePort(resource)) : []),
    ...selfProblems(where, cluster, own),
  ];
}

function addressProblems(where: string, addresses: Value | undefined): string[] {
  if (addresses === unknown) {
    return [];
  }
  const all = list(addresses);
  if (all.length === 0) {
    return [`${where} has no address. Give it that of the peer's east-west Gateway, in spec.addresses.`];
  }
  return all.flatMap((address, index) => {
    const here = `${where}: spec.addresses[${String(index)}]`;
    return address === unknown ? [] : typedAddressProblems(here, at(address, "type"), at(address, "value"));
  });
}

function typedAddressProblems(here: string, type: Value | undefined, value: Value | undefined): string[] {
  if (missing(value)) {
    return [`${here} has no value. Give it the address of the peer's east-west Gateway.`];
  }
  if (typeof value !== "string" || type === unknown) {
    return [];
  }
  const right = isIP(value) === 0 ? "Hostname" : "IPAddress";
  // The Gateway API's default.
  const declared = text(type) ?? "IPAddress";
  return declared === right ? [] : [`${here} says that ${value} is of type ${declared}. Set the type to ${right}.`];
}

/** Where a peer is reached by its nodes' ports, that of its control plane is any; what is not known yet may say so. */
function byNodePort(resource: Resource): boolean {
  const preferred = annotation(resource, "peering.solo.io/preferred-data-plane-service-type");
  return preferred === unknown || /^nodeport$/i.test(text(preferred) ?? "");
}

/** The ports of an east-west Gateway. */
function listenerProblems(where: string, listeners: Value | undefined, anyPort: boolean): string[] {
  const all = list(listeners);
  if (listeners === unknown || all.includes(unknown)) {
    return [];
  }
  const passes = (listener: Value): boolean => {
    const mode = at(listener, "tls", "mode");
    return mode === unknown || mode === "Passthrough";
  };
  const fits = (port: Value | undefined, asked?: string): boolean =>
    asked === undefined || port === unknown || text(port) === asked;
  const has = (protocol: string, port?: string): boolean =>
    all.some((one) => text(one, "protocol") === protocol && fits(at(one, "port"), port) && passes(one));
  return [
    ...(has("HBONE", "15008") ? [] : ["the mesh's own traffic: port 15008, protocol HBONE"]),
    ...(has("TLS", anyPort ? undefined : "15012") ? [] : ["the control planes' discovery: port 15012, protocol TLS"]),
  ].map((what) => `${where} has no listener for ${what}, tls.mode Passthrough. Add it to spec.listeners.`);
}

function selfProblems(where: string, cluster: Value | undefined, own: ReadonlySet<string>): string[] {
  return typeof cluster === "string" && own.has(cluster)
    ? [`${where} makes cluster ${cluster} a peer of itself. Name another cluster, or remove it.`]
    : [];
}

/**
 * A peer at the address of the own east-west Gateway is the cluster itself, whatever its label says. Before there is an
 * address, the peer's depends on that Gateway, and on no other.
 */
function ownAddressProblems(resource: Resource, gateways: readonly Resource[]): string[] {
  if (gatewayClass(resource) !== "istio-remote" && !chartsOf(resource).some(({ part }) => part === "peering")) {
    return [];
  }
  const own = gateways.filter((one) => clusterOf(one) === clusterOf(resource));
  const addresses = own.flatMap(({ outputs }) => list(outputs, "status", "addresses").map((one) => text(one, "value")));
  const peers = [
    ...list(resource.inputs, "spec", "addresses").map((one) => text(one, "value")),
    ...chartsOf(resource).flatMap(({ values }) => list(values, "remote", "items").map((one) => text(one, "address"))),
  ];
  const same = peers.find((one) => one !== undefined && addresses.includes(one));
  const depends = gateways.filter(({ urn }) => resource.inputDependencies["spec"]?.includes(urn));
  const onlyOwn = depends.length > 0 && depends.every((one) => own.includes(one));
  return same !== undefined || onlyOwn
    ? [
        `${subject(resource)} has the address of its own cluster's east-west Gateway${same === undefined ? "" : `, ${same}`}: ` +
          "the cluster would be a peer of itself. Give it the address of the peer's.",
      ]
    : [];
}

/** The same of the peering chart, which makes Gateways of its values. */
function itemProblems(resource: Resource, own: ReadonlySet<string>): string[] {
  return chartsOf(resource).flatMap(({ part, values }) =>
    part !== "peering" || text(values, "remote", "create") === "false"
      ? []
      : list(values, "remote", "items").flatMap((item, index) => {
          const here = `Value remote.items[${String(index)}]`;
          const lacks = ["name", "cluster", "network", "address", "addressType", "trustDomain"].filter(
            (key) => item !== unknown && missing(at(item, key)),
          );
          return [
            ...lacks.map(
              (key) => `${here} of the peering chart lacks ${key}. Add it: the chart makes the peer's Gateway of it.`,
            ),
            ...(lacks.includes("address")
              ? []
              : typedAddressProblems(here, at(item, "addressType") ?? unknown, at(item, "address") ?? unknown)),
            ...selfProblems(here, at(item, "cluster"), own),
          ];
        }),
  );
}

/** Upstream's peers are Secrets with a kubeconfig, below the peer's name. */
function secretProblems(resource: Resource, own: ReadonlySet<string>): string[] {
  return isRemoteSecret(resource)
    ? remoteClusters(resource).flatMap(({ name }) => selfProblems(`Remote secret ${subject(resource)}`, name, own))
    : [];
}

/** Clusters that a mesh has one name for: each takes the other's endpoints for its own. */
function nameProblems(resources: readonly Resource[]): RuleViolation[] {
  const named = componentsOf(resources).flatMap(({ part, resource, clusterName, cluster }) => {
    const server = resource.provider && serverOf(resource.provider);
    return part === "istiod" && clusterName !== undefined && clusterName !== "" && server !== undefined
      ? [{ resource, clusterName, cluster, server }]
      : [];
  });
  return [...groupBy(named, ({ clusterName }) => clusterName).values()].flatMap(([first, ...others]) => {
    const other = others.find(({ server }) => server !== first?.server);
    return first === undefined || other === undefined
      ? []
      : [
          {
            urn: other.resource.urn,
            message:
              `istiod calls its cluster ${other.clusterName} at ${other.server}, as it does at ${first.server}: each would take the ` +
              "other's endpoints for its own. Give every cluster its own global.multiCluster.clusterName.",
          },
        ];
  });
}
