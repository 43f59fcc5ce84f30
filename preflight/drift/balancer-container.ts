import { z } from "zod";
import type { StackState } from "../../stacks";
import { type Judged, warning } from "../problems";
import { commandKey, type ComparedCommand, hasRun } from "./commands";

/** What the Command of the load balancers has recorded. */
const Recorded = z.object({
  environment: z.object({
    NAME: z.string(),
    OWNER: z.string(),
    IMAGE: z.string(),
    CREATE: z.string().optional(),
    REPAIRED: z.string().optional(),
  }),
});

const key = commandKey("load-balancers");

/** The name of the container that gives the stack's load balancers their addresses; undefined if the stack has made none. */
export function balancerContainer(state: StackState): string | undefined {
  return Recorded.safeParse(state.get(key)).data?.environment.NAME;
}

/** What a container's states are called where its program runs, or is about to, by docker and by podman. */
const running = ["running", "restarting"];

/**
 * Whether the container that gives the stack's load balancers their addresses runs as the stack has started it.
 *
 * @param text What load-balancers.sh prints of it; empty where nobody can tell.
 */
export function compareBalancers(text: string, state: StackState): Judged<readonly ComparedCommand[]> {
  const recorded = Recorded.safeParse(state.get(key)).data?.environment;
  if (recorded === undefined) {
    return { value: [], problems: [] };
  }
  const { NAME: name, OWNER: owner, IMAGE: image, REPAIRED: repaired } = recorded;
  const as = (texts: readonly string[], problems: Judged<unknown>["problems"] = []) => ({
    value: [{ key, title: "Load balancers", repaired, texts }],
    problems,
  });
  if (!hasRun("load-balancers-create", recorded)) {
    return as([]);
  }
  if (text.trim() === "absent") {
    return as([`container ${name} is gone`]);
  }
  const [, status = "", network = "", madeBy = "", runs = ""] =
    /^(\w+) (joined|apart) owner=(\S*) image=(\S*)$/.exec(text.trim()) ?? [];
  if (status === "") {
    return as([]);
  }
  if (madeBy !== owner) {
    const message =
      `Load balancers: container ${name} is not the one that this stack has made. Remove it (docker rm --force ${name}, or the same with ` +
      "your container engine), and run pulumi up, which starts the stack's own again.";
    return as([], [warning(message)]);
  }
  return as([
    ...(running.includes(status) ? [] : [`container ${name} does not run (${status})`]),
    ...(network === "joined" ? [] : [`container ${name} is not on the network of the nodes`]),
    ...(runs === image ? [] : [`container ${name} runs another image`]),
  ]);
}
