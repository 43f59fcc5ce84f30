import { z } from "zod";
import { parseNetworks, type Repair, type Repairs } from "../../components/clusters";
import { resourceKey, type StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import { information, type Judged, type Problem } from "../problems";
import type { Run } from "../unavailable";

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

/** How many differences a reason names. */
const named = 5;

/**
 * What nodes of the stack's kind clusters have lost since the Command of their cluster last ran: routes, and what keeps the addresses
 * of their pods. A route of the same protocol that nobody asked for is no drift: a routing daemon in the node may use the number as well.
 *
 * @param nodes What nodes.sh prints for each cluster, by name prefix.
 * @returns By `resourceKey`, for every Command that needs a repair, or has had one.
 */
export function judgeNodeNetworks(
  clusters: readonly PlannedCluster[],
  nodes: Readonly<Record<string, string>>,
  state: StackState,
  run: Run,
): Judged<Repairs> {
  const repairs: Record<string, Repair> = {};
  const problems: Problem[] = [];
  for (const { name, namePrefix } of clusters) {
    const key = resourceKey("command:local:Command", `${namePrefix}-routes`);
    const recorded = Recorded.safeParse(state.get(key)).data;
    if (recorded === undefined) {
      continue;
    }
    const found = differences(recorded, nodes[namePrefix] ?? "");
    const { REPAIRED: before } = recorded.environment;
    if (found.length > 0) {
      const more = found.length > named ? [`${String(found.length - named)} more`] : [];
      const text = [...found.slice(0, named), ...more].join("; ");
      repairs[key] = { reason: `${String(count(before) + 1)}: ${text}`, actions: [] };
      const who = run === "update" ? "This update" : "The next pulumi up";
      problems.push(information(`Cluster ${name}: ${text}. ${who} puts it back.`));
    } else if (before !== undefined) {
      repairs[key] = { reason: before, actions: [] };
    }
  }
  return { value: repairs, problems };
}

/** How many repairs the state has seen. */
function count(reason: string | undefined): number {
  return Number(/^\d+(?=: )/.exec(reason ?? "")?.[0] ?? 0);
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
