import { z } from "zod";

/** Lists in newer dumps, maps by address in older ones. */
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.union([z.array(item), z.record(z.string(), item).transform((map) => Object.values(map))]).default([]);

/** What ztunnel tells at /config_dump of what istiod has told it (src/state of istio/ztunnel), as far as it matters here. */
const State = z.object({
  services: listOf(
    z.object({
      name: z.string(),
      namespace: z.string(),
      hostname: z.string(),
      endpoints: z
        .record(z.string(), z.object({ workloadUid: z.string(), address: z.string().nullish() }))
        .nullish()
        .transform((map) => Object.values(map ?? {})),
    }),
  ),
  workloads: listOf(
    z.object({
      uid: z.string().default(""),
      workloadIps: z
        .array(z.string())
        .nullish()
        .transform((addresses) => addresses ?? []),
    }),
  ),
});

/** Path at a ztunnel's admin port (15000, on its loopback address). */
export const ztunnelStatePath = "/config_dump";

/** The addresses that a ztunnel sends calls of Services to, by host and namespace; undefined for no dump of a ztunnel. */
export function serviceAddressesIn(
  dump: unknown,
): ((host: string, namespace: string) => ReadonlySet<string> | undefined) | undefined {
  const state = State.safeParse(dump).data;
  if (state === undefined) {
    return undefined;
  }
  const addresses = new Map(state.workloads.map(({ uid, workloadIps }) => [uid, workloadIps]));
  return (host, namespace) => {
    const services = state.services.filter((one) => one.hostname === host && one.namespace === namespace);
    return services.length === 0
      ? undefined
      : new Set(
          services
            .flatMap(({ endpoints }) => endpoints)
            .flatMap(({ workloadUid, address }) => [
              ...(addresses.get(workloadUid) ?? []),
              // `<network>/<address>`
              ...(address ? [address.slice(address.indexOf("/") + 1)] : []),
            ]),
        );
  };
}
