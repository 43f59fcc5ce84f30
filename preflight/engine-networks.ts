import { z } from "zod";
import { parseSubnet, type Subnet, subnetProblem } from "../settings";
import { engineName, json, run } from "./container-engine";

/** A network of the container engine. */
export interface EngineNetwork {
  readonly name: string;
  /** Its IPv4 subnets. */
  readonly subnets: readonly Subnet[];
}

/** The addresses that the container engine of this machine has taken, or may take for its next networks. */
export interface EngineNetworks {
  readonly networks: readonly EngineNetwork[];
  /** What it is configured to take networks from; Docker's own pools are left out of every plan anyway. */
  readonly pools: readonly Subnet[];
}

/** Where nobody was asked, or nobody answers. */
export const noNetworks: EngineNetworks = { networks: [], pools: [] };

/** The first of podman's own pools (default_subnet_pools in containers.conf), which podman itself does not tell. */
const podmanPool = "10.89.0.0/16";

/** What `docker network inspect` and `podman network inspect` print of a network. */
const Networks = z.array(
  z.union([
    z
      .object({
        Name: z.string(),
        IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().default("") })).nullish() }),
      })
      .transform(({ Name, IPAM }) => ({ name: Name, cidrs: (IPAM.Config ?? []).map(({ Subnet }) => Subnet) })),
    z
      .object({ name: z.string(), subnets: z.array(z.object({ subnet: z.string() })).nullish() })
      .transform(({ name, subnets }) => ({ name, cidrs: (subnets ?? []).map(({ subnet }) => subnet) })),
  ]),
);
const Pools = z.array(z.object({ Base: z.string() })).nullable();

/** Asks the container engine; where it does not answer, the update will say so. */
export async function readEngineNetworks(): Promise<EngineNetworks> {
  const engine = await engineName();
  if (typeof engine !== "string") {
    return noNetworks;
  }
  const identifiers = (await run(engine, "network", "ls", "--quiet")).text.split("\n").filter(Boolean);
  const [inspected, pools] = await Promise.all([
    identifiers.length === 0 ? { text: "[]" } : run(engine, "network", "inspect", ...identifiers),
    engine === "docker" ? run(engine, "info", "--format", "{{json .DefaultAddressPools}}") : undefined,
  ]);
  const configured = pools && Pools.safeParse(json(pools.text)).data;
  return {
    networks: (Networks.safeParse(json(inspected.text)).data ?? []).map(({ name, cidrs }) => ({
      name,
      subnets: subnetsOf(cidrs),
    })),
    pools: subnetsOf(engine === "podman" ? [podmanPool] : (configured ?? []).map(({ Base }) => Base)),
  };
}

/** Those of IPv4; the flat network has no other. */
function subnetsOf(cidrs: readonly string[]): Subnet[] {
  return cidrs.filter((cidr) => subnetProblem(cidr) === undefined).map(parseSubnet);
}
