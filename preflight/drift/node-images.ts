import { z } from "zod";
import { parseImages } from "../../components/clusters";
import type { StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import { commandKey, type ComparedCommand, hasRun } from "./commands";

/** What the Command of a cluster's images has recorded. */
const Recorded = z.object({
  stdin: z.string().default(""),
  /** What images-load.sh has printed. */
  stdout: z.string().default(""),
  environment: z.object({ CREATE: z.string().optional(), REPAIRED: z.string().optional() }),
});

/** An image in a node. */
interface LoadedImage {
  /** As this machine names it. */
  readonly image: string;
  /** As the node does. */
  readonly name: string;
  readonly digest: string;
}

/**
 * Images that the stack has loaded into the nodes of its kind clusters and that a node no longer has, or has another one of under the
 * same name. One that the node has pulled itself is no drift: the pods' policy asks for that. Nor is one that this machine does not
 * have any more: nodes pull those.
 *
 * @param nodes What nodes.sh prints for each cluster, by name prefix.
 * @param images What images.sh prints for the images that are wanted now.
 */
export function compareNodeImages(
  clusters: readonly PlannedCluster[],
  nodes: Readonly<Record<string, string>>,
  images: string,
  state: StackState,
): readonly ComparedCommand[] {
  return clusters.flatMap(({ name, namePrefix }) => {
    const key = commandKey(`${namePrefix}-images`);
    const recorded = Recorded.safeParse(state.get(key)).data;
    if (recorded === undefined) {
      return [];
    }
    const { environment, stdin, stdout } = recorded;
    // One that was rebuilt on this machine changes the Command anyway.
    const there = new Set(linesOf(images));
    const here = new Set(linesOf(stdin).flatMap((line) => (there.has(line) ? [line.split(" ")[0]] : [])));
    const loaded = hasRun("images-load", environment) ? parseLoaded(stdout) : new Map<string, never>();
    const wanted = new Map([...loaded].map(([node, list]) => [node, list.filter(({ image }) => here.has(image))]));
    const texts = differences(wanted, parseImages(nodes[namePrefix] ?? ""));
    return [{ key, title: `Cluster ${name}`, repaired: environment.REPAIRED, texts }];
  });
}

function differences(
  wanted: ReadonlyMap<string, readonly LoadedImage[]>,
  nodes: ReadonlyMap<string, ReadonlyMap<string, string>>,
): string[] {
  const [anyNode = []] = wanted.values();
  return [...nodes].flatMap(([node, has]) =>
    // A node that did not run at that time, or is another one by now, needs what the others have.
    (wanted.get(node) ?? anyNode).flatMap(({ image, name, digest }) => {
      const found = has.get(name);
      if (found === undefined) {
        return [`node ${node}: image ${image} is missing`];
      }
      const wasPulled = has.has(`${name.replace(/:[^:/]*$/, "")}@${found}`);
      return found === digest || wasPulled || !wanted.has(node)
        ? []
        : [`node ${node}: image ${image} is another one than the stack has loaded`];
    }),
  );
}

/** What images-load.sh has printed, by node. */
function parseLoaded(stdout: string): Map<string, readonly LoadedImage[]> {
  const loaded = new Map<string, readonly LoadedImage[]>();
  for (const line of linesOf(stdout)) {
    const [node = "", image = "", name = "", digest = ""] = line.split(" ");
    loaded.set(node, [...(loaded.get(node) ?? []), { image, name, digest }]);
  }
  return loaded;
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
