import { z } from "zod";
import { parseNetworks } from "../../components/clusters";
import type { StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import { commandKey, type ComparedCommand } from "./commands";

/** What the Command of a cluster's routes has recorded. */
const Recorded = z.object({
  stdin: z.string().default(""),
  environment: z.object({
    NODES: z.string(),
    STARTED: z.string(),
    // Of versions that did not keep the addresses of pods there is none, and the Command changes anyway.
    NODE_NETWORK: z.string().optional(),
    REPAIRED: z.string().optional(),
  }),
});

/**
 * What nodes of the stack's kind clusters have lost since the Command of their cluster last ran: routes, and what keeps the addresses
 * of their pods. A route of the same protocol that nobody asked for is no drift: a routing daemon in the node may use the number as well.
 *
 * @param nodes What nodes.sh prints for each cluster, by name prefix.
 */
export function compareNodeNetworks(
  clusters: readonly PlannedCluster[],
  nodes: Readonly<Record<string, string>>,
  state: StackState,
): readonly ComparedCommand[] {
  return clusters.flatMap(({ name, namePrefix }) => {
    const key = commandKey(`${namePrefix}-routes`);
    const recorded = Recorded.safeParse(state.get(key)).data;
    if (recorded === undefined) {
      return [];
    }
    const texts = differences(recorded, nodes[namePrefix] ?? "");
    return [{ key, title: `Cluster ${name}`, repaired: recorded.environment.REPAIRED, texts }];
  });
}

function differences({ stdin, environment }: z.output<typeof Recorded>, text: string): string[] {
  const started = environment.STARTED.split(" ");
  const networks = parseNetworks(text);
  const lines = stdin.split("\n").map((line) => line.split(" "));
  return environment.NODES.split(" ").flatMap((node, index) => {
    const network = networks.get(node);
    const since = started[index] ?? "";
    // A node that has started anew changes the Command anyway, and so does one that is gone.
    if (
      network === undefined ||
      !text.split("\n").some((line) => line.startsWith(`${node} `) && line.endsWith(` ${since}`))
    ) {
      return [];
    }
    const hops = new Map(network.routes.map((route) => [route.split(" ")[0] ?? "", route.split(" ")[1] ?? ""]));
    const wrong = lines.flatMap(([on, destination = "", hop = ""]) => {
      const has = hops.get(destination);
      return on !== node || has === hop
        ? []
        : [
            `node ${node}: the route to ${destination} ${has === undefined ? "is missing" : `leads to ${has} instead of ${hop}`}`,
          ];
    });
    const rules =
      network.rules === "intact" || environment.NODE_NETWORK === undefined
        ? []
        : [
            `node ${node}: the rules by which its pods keep their addresses ${network.rules === "absent" ? "are missing" : "have changed"}`,
          ];
    return [...wrong, ...rules];
  });
}
