import type { Concern, Rule } from "../concern";
import type { NetworkPolicy } from "../facts";
import type { PlannedNamespace } from "../plan";
import { readOr } from "../reading";
import { selectsAll } from "../selectors";

/** Port of ztunnel in every pod of an ambient mesh, to which callers tunnel (HBONE). */
const tunnel = 15008;

/** Ports that something outside a namespace has to reach in it: istiod's discovery and webhooks; Gateways. */
const portsIn: Readonly<Record<PlannedNamespace["role"], readonly number[]>> = {
  system: [15012, 15017],
  eastWest: [tunnel, 15012],
  demo: [tunnel],
};

/**
 * Policies by which pods can't be called once they are in the mesh, since calls come in on another port ("Ambient and Kubernetes
 * NetworkPolicy" in Istio's documentation), or by which istiod can't be reached. What other network plugins have of their own is not read.
 */
export const networkPolicies: Rule = (facts, plan) => {
  const policies = readOr(facts.networkPolicies, []);
  const enrolled = readOr(facts.namespaces, []).filter(({ labels }) => labels["istio.io/dataplane-mode"] === "ambient");
  const planned = new Map(plan.namespaces.map((one) => [one.name, one]));
  const names = new Set([...planned.keys(), ...enrolled.map(({ name }) => name)]);
  return [...names].flatMap((name) => {
    const own = policies.filter(({ namespace }) => namespace === name);
    const role = planned.get(name)?.role ?? "demo";
    const inward = missing(own, "Ingress", portsIn[role]);
    // A control plane's pods call API servers, peers and DNS; pods in the mesh call the tunnels of others.
    const outward = role === "demo" ? missing(own, "Egress", [tunnel]) : undefined;
    const blocked = role === "demo" ? undefined : missing(own, "Egress", [443, 15012]);
    return [
      ...(inward ? [concern(name, inward, "ingress", [{ ports: inward.ports.map((port) => ({ port })) }])] : []),
      ...(outward ? [concern(name, outward, "egress", [{ ports: [{ port: tunnel }] }])] : []),
      ...(blocked ? [concern(name, blocked, "egress", [{}])] : []),
    ];
  });
};

interface Missing {
  readonly policies: readonly string[];
  readonly ports: readonly number[];
}

/** Policies that let none of the ports through, unless one for all pods of the namespace does. */
function missing(
  own: readonly NetworkPolicy[],
  type: "Ingress" | "Egress",
  ports: readonly number[],
): Missing | undefined {
  const restricting = own.filter(({ types }) => types.includes(type));
  const allows = (policy: NetworkPolicy, port: number) =>
    (type === "Ingress" ? policy.ingress : policy.egress).some(
      (rule) => rule.ports.length === 0 || rule.ports.some((one) => includes(one, port)),
    );
  const lacking = ports.filter(
    (port) =>
      restricting.length > 0 &&
      !restricting.some((policy) => selectsAll(policy.podSelector) && allows(policy, port)) &&
      restricting.some((policy) => !allows(policy, port)),
  );
  const policies = restricting
    .filter((policy) => lacking.some((port) => !allows(policy, port)))
    .map(({ name }) => name);
  return lacking.length === 0 ? undefined : { policies, ports: lacking };
}

function includes(
  { protocol, port, endPort }: NetworkPolicy["ingress"][number]["ports"][number],
  wanted: number,
): boolean {
  return (
    protocol === "TCP" &&
    (port === undefined ||
      port === wanted ||
      (typeof port === "number" && endPort !== undefined && port <= wanted && wanted <= endPort))
  );
}

function concern(
  namespace: string,
  { policies, ports }: Missing,
  direction: "ingress" | "egress",
  rules: object[],
): Concern {
  const policy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `allow-mesh-${direction}`, namespace },
    spec: { podSelector: {}, policyTypes: [direction === "ingress" ? "Ingress" : "Egress"], [direction]: rules },
  };
  const what =
    direction === "ingress"
      ? `nothing reaches port ${ports.join(", ")} there`
      : `nothing from there reaches port ${ports.join(", ")}`;
  return {
    topic: "network-policies",
    severity: "warn",
    message: `NetworkPolicy ${policies.slice(0, 5).join(", ")} of namespace ${namespace} has no rule for the mesh: ${what}, which the mesh needs`,
    remedy: `Apply one beside it: echo '${JSON.stringify(policy)}' | kubectl apply -f -`,
  };
}
