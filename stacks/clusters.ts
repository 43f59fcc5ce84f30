import { z } from "zod";
import { type Access, foreignAccess, ownAccess } from "../kubernetes";
import { resourceKey, type StackState } from "./state";

/** The kubeconfig of a cluster, as its stack's state has it. */
export interface RecordedKubeconfig {
  /** The cluster's name in the mesh. */
  readonly name: string;
  /** What the names of the resources inside begin with: another prefix after a rebuild. */
  readonly namePrefix: string;
  /**
   * Access to the cluster.
   *
   * @param context Used if the state has none.
   * @throws KubeconfigError if the kubeconfig can't be used.
   */
  readonly access: (context?: string) => Access;
}

/** What the component of a cluster registers; earlier versions registered no context. */
const Registered = z.object({ kubeconfig: z.string(), context: z.string().optional() });
const Provider = z.object({ context: z.string() });

/** Types of cluster components, with whether the stack provisions the cluster. */
const provisionedTypes: ReadonlyMap<string, boolean> = new Map([
  ["flatmesh:clusters:KindCluster", true],
  ["flatmesh:clusters:KwokCluster", true],
  ["flatmesh:clusters:ExistingCluster", false],
]);

/** The kubeconfigs in a stack's state, as its last update left them, failed or not. */
export function recordedKubeconfigs(state: StackState): RecordedKubeconfig[] {
  return [...state].flatMap(([key, outputs]) => {
    const [type = "", namePrefix = ""] = key.split(" ");
    const provisioned = provisionedTypes.get(type);
    const registered = Registered.safeParse(outputs).data;
    if (provisioned === undefined || registered === undefined) {
      return [];
    }
    // The prefix of a cluster that the stack provisions is its name and its identity.
    const name = provisioned ? namePrefix.replace(/-[0-9a-f]{8}$/, "") : namePrefix;
    const where = `the kubeconfig of cluster ${name} in the stack's state`;
    const provider = Provider.safeParse(state.get(resourceKey("pulumi:providers:kubernetes", namePrefix))).data;
    const known = registered.context ?? provider?.context;
    // The kubeconfig of a provisioned cluster comes from its own nodes, which are not trusted.
    const read = provisioned ? foreignAccess : ownAccess;
    return [{ name, namePrefix, access: (context?: string) => read(registered.kubeconfig, where, known ?? context) }];
  });
}
