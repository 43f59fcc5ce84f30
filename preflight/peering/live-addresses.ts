import { z } from "zod";
import { eastWest, gatewayType, type KnownAddress, preferredAddress } from "../../components/peering";
import { type Access, ApiServer, Forbidden, Unreachable } from "../../kubernetes";
import { resourceKey } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import { absent, type Datum, known, notLookedAt, unavailable } from "../datum";
import type { OwnStack } from "../engine";
import type { Judged, Problem } from "../problems";
import { type Run, withoutDatum } from "../unavailable";

/** How long to wait for a cluster's answer, in milliseconds: an update can do without it. */
const patience = 3000;

const Gateway = z.object({
  status: z.object({ addresses: z.array(z.object({ value: z.string() })).optional() }).optional(),
});

/**
 * The addresses of existing east-west Gateways, by the name prefix of their cluster. If a cluster does not answer, the address in the
 * stack's outputs counts: its peers use that one. A Gateway that does not exist yet, or is reached by a port of the nodes, has no
 * entry.
 *
 * @param access Access to each cluster, by name.
 */
export async function readEastWestAddresses(
  clusters: readonly PlannedCluster[],
  own: OwnStack,
  access: ReadonlyMap<string, Access>,
  offline: boolean,
  run: Run,
): Promise<Judged<Readonly<Record<string, KnownAddress>>>> {
  const addresses = await Promise.all(
    clusters.map(async ({ name, namePrefix }): Promise<Judged<readonly [string, KnownAddress]>[]> => {
      // A cluster that is recreated has another prefix: the old one's address is of no use.
      const recorded = addressIn(own.state.get(resourceKey(gatewayType, `${namePrefix}-${eastWest}`)));
      const clusterAccess = access.get(name);
      if (recorded === undefined) {
        return [];
      }
      const output = own.outputs.eastWestAddresses?.[name];
      const last = output && output.port === undefined ? output.value : recorded;
      const current = offline ? notLookedAt : clusterAccess && (await readAddress(clusterAccess, last));
      if (current === undefined) {
        return [];
      }
      return [
        {
          value: [namePrefix, { recorded, current: presentAddress(current, recorded, last) }],
          problems:
            current.status === "unavailable" && !current.offline ? unreadAddress(name, current.reason, run) : [],
        },
      ];
    }),
  );
  return {
    value: Object.fromEntries(addresses.flat().map(({ value }) => value)),
    problems: addresses.flat().flatMap(({ problems }) => problems),
  };
}

function unreadAddress(cluster: string, reason: string, run: Run): readonly Problem[] {
  return withoutDatum(
    "eastWestAddress",
    run,
    `Cluster ${cluster}: the present address of its east-west Gateway can't be read: ${reason}. Its peers keep the one that they have.`,
    "docs/troubleshooting.md#east-west-gateways",
  );
}

/**
 * @param recorded Counts if the cluster answers without an address: the state's, from when Pulumi last read it.
 * @param last Counts if the cluster does not answer: see `eastWestAddress` of unavailable.ts.
 */
function presentAddress(current: Datum<string>, recorded: string, last: string): string {
  switch (current.status) {
    case "known":
      return current.value;
    case "absent":
      return recorded;
    case "unavailable":
      return last;
  }
}

/** @param last The address that peers have, which stays as long as the Gateway has it. */
async function readAddress(access: Access, last: string): Promise<Datum<string>> {
  try {
    const server = await ApiServer.open(access, patience);
    const gateway = await server.get(`/apis/gateway.networking.k8s.io/v1/namespaces/${eastWest}/gateways/${eastWest}`);
    const address = addressIn(gateway, last);
    return address === undefined ? absent : known(address);
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Forbidden) {
      return unavailable(error.message);
    }
    throw error;
  }
}

function addressIn(gateway: unknown, last?: string): string | undefined {
  return preferredAddress(Gateway.safeParse(gateway).data?.status?.addresses, last);
}
