import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import { resourceKey, type StackState } from "../../stacks";
import { readScript } from "../script";
import type { FormerClusterArgs } from "./provisioned-cluster";

/** Pulumi name of the random identifier by which a stack recognises its own clusters. */
const ownerResource = "owner";

/**
 * The random identifier of a stack as the owner of clusters, load balancers and networks. It is part of the
 * stack's state: a stack that is renamed, or moved to another backend, keeps its clusters, and another one of the same name has none.
 */
export function createOwner(opts?: pulumi.ResourceOptions): pulumi.Output<string> {
  return new random.RandomId(ownerResource, { byteLength: 8 }, opts).hex;
}

/** Name of the stack's load balancers in index.ts. */
const balancersResource = "load-balancers";

/** Stands for the identifier of a stack that has none yet. */
export const nobody = "nobody";

/** A cluster that version 0.1 of this program created, and marked with the names of project and stack. */
export interface FormerCluster {
  /** Its name for the tool that created it. */
  readonly machineName: string;
  /** `<project>/<stack>/<identity>` */
  readonly mark: string;
  /** Its certificate authority, base64 of PEM as a kubeconfig has it: another cluster may carry the same mark. */
  readonly authority: string;
  /** Whether this version has already taken it over. */
  readonly claimed: boolean;
}

/** Who owns the clusters of this machine, by a stack's state before an update. */
export interface RecordedOwnership {
  /** The stack's identifier; undefined before the first update that creates one. */
  readonly owner?: string;
  /** The clusters of version 0.1 that the state has, by the names of their resources. */
  readonly former: ReadonlyMap<string, FormerCluster>;
  /** The names of project and stack by which version 0.1 marked the stack's load balancers, `<project>/<stack>`. */
  readonly formerBalancers?: string;
}

/** For a stack that was never deployed. */
export const nothingRecorded: RecordedOwnership = { former: new Map() };

const Owner = z.object({ hex: z.string() });
const Command = z.object({
  environment: z.object({
    NAME: z.string(),
    OWNER: z.string(),
    IDENTITY: z.string().optional(),
    FORMER_MARKS: z.string().optional(),
    FORMER_AUTHORITY: z.string().optional(),
    FORMER_OWNER: z.string().optional(),
  }),
  stdout: z.string().default(""),
});

/** Reads this stack's state. */
export function recordedOwnership(state: StackState): RecordedOwnership {
  const owner = Owner.safeParse(state.get(resourceKey("random:index/randomId:RandomId", ownerResource))).data?.hex;
  const former = new Map<string, FormerCluster>();
  let formerBalancers: string | undefined;
  for (const [key, outputs] of state) {
    const command = key.startsWith("command:local:Command ") ? Command.safeParse(outputs).data : undefined;
    if (command === undefined) {
      continue;
    }
    const resource = key.slice(key.indexOf(" ") + 1);
    const { NAME, OWNER, IDENTITY, FORMER_MARKS, FORMER_AUTHORITY, FORMER_OWNER } = command.environment;
    const isFormer = OWNER.includes("/");
    if (resource === balancersResource) {
      formerBalancers = isFormer ? OWNER : FORMER_OWNER;
    } else if (IDENTITY === undefined) {
      continue;
    } else if (isFormer) {
      former.set(resource, {
        machineName: NAME,
        mark: `${OWNER}/${IDENTITY}`,
        authority: /certificate-authority-data: *"?([A-Za-z0-9+/=]+)/.exec(command.stdout)?.[1] ?? "",
        claimed: false,
      });
    } else if (FORMER_MARKS !== undefined && FORMER_AUTHORITY !== undefined) {
      // It stays in the inputs of what took the cluster over, so that a second plan shows no change.
      former.set(resource, { machineName: NAME, mark: FORMER_MARKS, authority: FORMER_AUTHORITY, claimed: true });
    }
  }
  return { ...(owner !== undefined && { owner }), former, ...(formerBalancers !== undefined && { formerBalancers }) };
}

/** The cluster of version 0.1 that a cluster takes over, or takes the place of under the same name on the machine. */
export function formerOf(
  { former }: RecordedOwnership,
  resource: string,
  machineName: string | undefined,
): FormerCluster | undefined {
  return former.get(resource) ?? [...former.values()].find((one) => !one.claimed && one.machineName === machineName);
}

/** The environment by which a script distinguishes the stack's clusters from others (see ownership.sh). */
export function ownerEnvironment(
  owner: pulumi.Input<string>,
  former?: FormerClusterArgs,
): Record<string, pulumi.Input<string>> {
  return {
    OWNER: owner,
    OWNERSHIP: readScript("clusters/ownership.sh"),
    ...(former && { FORMER_MARKS: former.mark, FORMER_AUTHORITY: former.authority }),
  };
}
