import { hostname } from "node:os";
import { z } from "zod";
import {
  engineersFiles,
  engineersNamed,
  KubeconfigError,
  type NamedEntries,
  readForeignKubeconfig,
} from "../../kubernetes";
import type { StackState } from "../../stacks";
import type { PlannedCluster } from "../cluster-plan";
import { commandKey, type ComparedCommand, hasRun } from "./commands";

/** What the Command of a cluster's context has recorded. */
const Recorded = z.object({
  /** The kubeconfig whose entries it has added. */
  stdin: z.string(),
  /** What context-add.sh has printed. */
  stdout: z.string(),
  environment: z.object({ NAME: z.string(), CREATE: z.string().optional(), REPAIRED: z.string().optional() }),
});

/** What the engineer's own kubeconfig has under a name; throws a KubeconfigError where it can't be read. */
export type ReadEntries = (name: string) => NamedEntries;

/** Whose kubeconfig it is that this run would change, as context-add.sh prints it. */
export function ownPlace(): string {
  return `${hostname()} ${String(process.getuid?.())} ${engineersFiles()}`;
}

/**
 * Contexts that are no longer in the kubeconfig that the stack has last put them into. Other kubeconfigs, of other people and of jobs
 * that preview the stack, may well lack them: there nothing is compared, since every plan there would show a change.
 *
 * @param place The kubeconfig of this run: see {@link ownPlace}. Empty where nobody looks.
 */
export function compareContexts(
  clusters: readonly PlannedCluster[],
  state: StackState,
  place: string,
  read: ReadEntries = engineersNamed,
): readonly ComparedCommand[] {
  return clusters.flatMap(({ name, namePrefix }) => {
    const key = commandKey(`${namePrefix}-context`);
    const recorded = Recorded.safeParse(state.get(key)).data;
    if (recorded === undefined) {
      return [];
    }
    const { environment, stdin, stdout } = recorded;
    const [, addedTo] = stdout.split("\n");
    const isCompared = hasRun("context-add", environment) && addedTo === place;
    const texts = isCompared ? differences(environment.NAME, stdin, read) : [];
    return [{ key, title: `Cluster ${name}`, repaired: environment.REPAIRED, texts }];
  });
}

function differences(name: string, added: string, read: ReadEntries): string[] {
  try {
    const {
      server,
      authority,
      user: credentials,
    } = readForeignKubeconfig(added, `what context ${name} was made of`, name);
    const { context, cluster, user } = read(name);
    if (context === undefined || cluster === undefined || user === undefined) {
      return [`context ${name} is missing from your kubeconfig`];
    }
    const given = { ...cluster.cluster };
    const changed = [
      ...(context.context.cluster === name && context.context.user === name
        ? []
        : ["the names of its cluster and user"]),
      ...(given.server === server ? [] : ["its server"]),
      ...(same(given["certificate-authority-data"], authority) ? [] : ["its certificate authority"]),
      ...((["client-certificate-data", "client-key-data"] as const).every((field) =>
        same(user.user?.[field], credentials[field]),
      )
        ? []
        : ["its credentials"]),
    ];
    return changed.map((what) => `context ${name} of your kubeconfig: ${what} changed`);
  } catch (error) {
    // A kubeconfig that nobody can read is the engineer's to mend, and no reason to stop: kubectl says what is wrong with it.
    if (error instanceof KubeconfigError) {
      return [];
    }
    throw error;
  }
}

function same(one: string | null | undefined, other: string | undefined): boolean {
  return (one ?? "").replace(/\s/g, "") === (other ?? "");
}
