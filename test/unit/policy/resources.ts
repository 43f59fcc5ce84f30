import type { Resource, Rule, Stack } from "../../../policy/rules";
import { type Properties, unknown } from "../../../policy/state";

export { unknown };

type Given = Omit<Partial<Resource>, "inputs"> & { readonly stack?: string; readonly cluster?: string };

/** A resource of cluster `one`, unless it is said to be of another. */
export function resource(type: string, name: string, inputs: Properties, given: Given = {}): Resource {
  const { stack = "dev", cluster = "one", ...more } = given;
  const urn = (kind: string, own: string): string => `urn:pulumi:${stack}::test::${kind}::${own}`;
  const provider = { urn: urn("pulumi:providers:kubernetes", cluster), name: cluster, inputs: {} };
  return {
    urn: urn(type, name),
    type,
    name,
    inputs,
    secrets: [],
    provider,
    aliases: [],
    dependencies: [],
    inputDependencies: {},
    ...more,
  };
}

/** A Helm release of a chart of Solo's. */
export function release(chart: string, values: Properties, inputs: Properties = {}, given: Given = {}): Resource {
  const { cluster = "one" } = given;
  const common = {
    name: chart,
    namespace: "istio-system",
    chart: `oci://us-docker.pkg.dev/soloio-img/istio-helm/${chart}`,
    version: "1.29.0-solo",
  };
  return resource("kubernetes:helm.sh/v3:Release", `${cluster}-${chart}`, { ...common, ...inputs, values }, given);
}

export function namespace(name: string, labels: Properties = {}, given: Given = {}): Resource {
  const { cluster = "one" } = given;
  return resource("kubernetes:core/v1:Namespace", `${cluster}-${name}`, { metadata: { name, labels } }, given);
}

const listeners = [
  { name: "cross-network", port: 15008, protocol: "HBONE", tls: { mode: "Passthrough" } },
  { name: "xds-tls", port: 15012, protocol: "TLS", tls: { mode: "Passthrough" } },
];

/** The Gateway of a peer, complete; `changes` are of its metadata and spec. */
export function peerGateway(
  peer: string,
  changes: { readonly labels?: Properties; readonly annotations?: Properties; readonly spec?: Properties } = {},
  given: Given = {},
): Resource {
  const { cluster = "one" } = given;
  return resource(
    "kubernetes:gateway.networking.k8s.io/v1:Gateway",
    `${cluster}-peer-${peer}`,
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: {
        name: `istio-remote-peer-${peer}`,
        namespace: "istio-eastwest",
        labels: { "topology.istio.io/cluster": peer, "topology.istio.io/network": "flat", ...changes.labels },
        annotations: {
          "gateway.istio.io/service-account": "istio-eastwest",
          "gateway.istio.io/trust-domain": "cluster.local",
          ...changes.annotations,
        },
      },
      spec: {
        gatewayClassName: "istio-remote",
        addresses: [{ type: "IPAddress", value: "192.0.2.1" }],
        listeners,
        ...changes.spec,
      },
    },
    given,
  );
}

export function eastWestGateway(name: string, network: Properties[string], given: Given = {}): Resource {
  return resource(
    "kubernetes:gateway.networking.k8s.io/v1:Gateway",
    `${name}-eastwest`,
    {
      metadata: {
        name: "istio-eastwest",
        namespace: "istio-eastwest",
        labels: { "topology.istio.io/cluster": name, "topology.istio.io/network": network },
      },
      spec: { gatewayClassName: "istio-eastwest", listeners },
    },
    { cluster: name, ...given },
  );
}

/** A Deployment of one container. */
export function deployment(
  name: string,
  container: Properties,
  given: Given & { readonly namespace?: string } = {},
): Resource {
  const { namespace: where = "apps", ...more } = given;
  return resource(
    "kubernetes:apps/v1:Deployment",
    name,
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace: where },
      spec: { template: { spec: { containers: [{ name: "main", ...container }] } } },
    },
    more,
  );
}

/** What a rule has against resources, one message each. */
export function against(
  rule: Rule,
  resources: readonly Resource[],
  parameters: object = {},
  more: Omit<Stack, "resources"> = {},
): string[] {
  return rule.scope === "stack"
    ? rule.evaluate({ resources, ...more }, parameters).map(({ message }) => message)
    : resources.flatMap((one) => rule.evaluate(one, parameters));
}
