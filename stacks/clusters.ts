import { z } from "zod";
import { type Access, foreignAccess, ownAccess } from "../kubernetes";
import { resourceKey, type StackState } from "./state";

/** A cluster of a stack, as the stack's state has it. */
export interface KeptCluster {
  /** Its name in the mesh. */
  readonly name: string;
  /** What the resources inside put before their names: another one after a rebuild. */
  readonly scope: string;
  /**
   * The way to it.
   *
   * @param context The one that counts where the state has none.
   * @throws KubeconfigError where what was kept can't be used.
   */
  readonly access: (context?: string) => Access;
}

/** What the component of a cluster has registered; one of an earlier version has no context there. */
const Kept = z.object({ kubeconfig: z.string(), context: z.string().optional() });
const Provider = z.object({ context: z.string() });

/** Types of the components of clusters, with whether the stack has made them. */
const types: ReadonlyMap<string, boolean> = new Map([
  ["flatmesh:clusters:KindCluster", true],
  ["flatmesh:clusters:KwokCluster", true],
  ["flatmesh:clusters:ExistingCluster", false],
]);

/** The clusters that a stack's state has kept kubeconfigs of, as its last update left them, failed or not. */
export function keptClusters(state: StackState): KeptCluster[] {
  return [...state].flatMap(([key, said]) => {
    const [type = "", scope = ""] = key.split(" ");
    const made = types.get(type);
    const kept = Kept.safeParse(said).data;
    if (made === undefined || kept === undefined) {
      return [];
    }
    // The scope of a cluster that was made is its name and its identity.
    const name = made ? scope.replace(/-[0-9a-f]{8}$/, "") : scope;
    const where = `the kubeconfig of cluster ${name} in the stack's state`;
    const provider = Provider.safeParse(state.get(resourceKey("pulumi:providers:kubernetes", scope))).data;
    const known = kept.context ?? provider?.context;
    // What makes a cluster has its kubeconfig from the cluster's own nodes.
    const read = made ? foreignAccess : ownAccess;
    return [{ name, scope, access: (context?: string) => read(kept.kubeconfig, where, known ?? context) }];
  });
}
