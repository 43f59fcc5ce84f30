import { z } from "zod";
import { type Access, ApiServer, Forbidden, Unreachable } from "../../kubernetes/index";
import { type Cluster, ownClusters } from "../../components/clusters/index";
import { ownOutputs, ownState, resourceKey } from "../../stacks/engine";
import { eastWest, gatewayType, type GatewayStatus } from "../../components/peering/gateway";

/** How long a cluster may take to tell of its Gateway, in milliseconds: an update can do without. */
const patience = 3000;

const Told = z.object({
  status: z.object({ addresses: z.array(z.object({ value: z.string() })).optional() }).optional(),
});
const Addresses = z.record(z.string(), z.object({ value: z.string(), port: z.int().optional() }));

/** What is known of the address of an east-west Gateway that the stack has made before this update. */
export interface KnownAddress {
  /** As the stack's state has it: when Pulumi last looked. */
  readonly remembered: string;
  /** As it is by now. */
  readonly now: string;
}

/**
 * The address that counts: of a Gateway that this update leaves alone the engine only has what Pulumi saw when it last changed
 * or refreshed it, while a load balancer may have another address since. What it says anew is of this update.
 */
export function presentAddress({ addresses }: GatewayStatus, known?: KnownAddress): string | undefined {
  const told = addresses?.[0]?.value;
  return known !== undefined && told === known.remembered ? known.now : told;
}

/**
 * Looks at the east-west Gateways that the stack has made before, in previews too. Of a cluster that does not answer, what the
 * stack's outputs have last said stands: its peers were told that.
 *
 * @returns By scope of the cluster. A Gateway that is yet to be made, or has a port of the nodes for its address, has no entry.
 * @throws PreconditionError when the backend can't tell of the stack.
 */
export async function liveAddresses(
  clusters: readonly Pick<Cluster, "name" | "scope" | "settings">[],
): Promise<LiveAddresses> {
  const state = await ownState();
  const outputs = await ownOutputs();
  const access = ownClusters(
    clusters.map(({ settings }) => settings),
    state,
  );
  const last = Addresses.safeParse(outputs["eastWestAddresses"]).data ?? {};
  const known = await Promise.all(
    clusters.map(async ({ name, scope }): Promise<[string, KnownAddress][]> => {
      // A cluster that is built anew has another scope: what the old one says is of no use.
      const remembered = addressIn(state.get(resourceKey(gatewayType, `${scope}-${eastWest}`)));
      const way = access.get(name);
      if (remembered === undefined || way === undefined) {
        return [];
      }
      const told = last[name];
      const before = told && told.port === undefined ? told.value : remembered;
      return [[scope, { remembered, now: await addressNow(way, { before, otherwise: remembered }) }]];
    }),
  );
  return new Map(known.flat());
}

export type LiveAddresses = ReadonlyMap<string, KnownAddress>;

/**
 * @param before What counts where the cluster does not answer.
 * @param otherwise What counts where it answers, and tells of no address.
 */
async function addressNow(
  access: Access,
  { before, otherwise }: { readonly before: string; readonly otherwise: string },
): Promise<string> {
  try {
    const server = await ApiServer.open(access, patience);
    const gateway = await server.get(`/apis/gateway.networking.k8s.io/v1/namespaces/${eastWest}/gateways/${eastWest}`);
    return addressIn(gateway) ?? otherwise;
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Forbidden) {
      return before;
    }
    throw error;
  }
}

function addressIn(gateway: unknown): string | undefined {
  return Told.safeParse(gateway).data?.status?.addresses?.[0]?.value;
}
