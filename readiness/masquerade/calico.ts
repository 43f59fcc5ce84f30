import { shellWord } from "../../printable";
import { type Component, type OtherPods, sparing } from "./masquerader";

/**
 * Calico: pods of a pool with `natOutgoing` are masqueraded towards whatever is in no pool, be it one that no pod has an address of
 * ("Configure outgoing NAT" in its documentation).
 */
export const calico: Component = ({ pools }) => {
  const nat = (pools?.items ?? []).filter(({ natOutgoing, disabled }) => natOutgoing && !disabled);
  const [first] = nat;
  if (pools === undefined || first === undefined) {
    return [];
  }
  // Those of load balancers alone are not spared (masq_mgr.go of Felix).
  const spared = pools.items.filter(({ allowedUses }) => allowedUses.join() !== "LoadBalancer").map(({ cidr }) => cidr);
  const served = pools.api.startsWith("projectcalico.org/");
  return [
    {
      what: "Calico",
      why: `IPPool ${nat.map(({ name, cidr }) => `${name} (${cidr})`).join(", ")} has natOutgoing: true, and no IPPool holds those addresses`,
      spares: sparing(spared),
      remedy: (missing, kubectl) => withPools(missing, served ? kubectl("apply", "-f", "-") : "calicoctl apply -f -"),
    },
  ];
};

function withPools(missing: readonly OtherPods[], apply: string): string {
  const commands = missing.flatMap(poolsOf).map((pool) => `echo ${shellWord(JSON.stringify(pool))} | ${apply}`);
  return `Make pools of them that give no addresses away: ${commands.join("; ")}`;
}

function poolsOf({ cluster, subnets }: OtherPods): object[] {
  return subnets.map((cidr) => ({
    apiVersion: "projectcalico.org/v3",
    kind: "IPPool",
    metadata: { name: `${cluster}-${cidr}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-") },
    spec: { cidr, disabled: true, natOutgoing: false },
  }));
}
