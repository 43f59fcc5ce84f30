import { z } from "zod";
import { type Access, engineersAccess, foreignAccess, ownAccess } from "../kubernetes";
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
  /** Whether the state has no kubeconfig: the cluster is reached by that of whoever asks. */
  readonly ambient: boolean;
  /** The address of an existing cluster's API server that its peers know. */
  readonly apiServer?: { readonly url: string; readonly tlsServerName?: string | undefined };
  /** UID of an existing cluster's namespace kube-system. */
  readonly uid?: string;
}

/** What the component of a cluster registers; the first version registered no context, and a kubeconfig is missing where whoever asks has it. */
const Registered = z
  .object({
    kubeconfig: z.string().optional(),
    context: z.string().optional(),
    apiServer: z.object({ url: z.string(), tlsServerName: z.string().optional() }).optional(),
    uid: z.string().optional(),
  })
  .refine(({ kubeconfig, context }) => kubeconfig !== undefined || context !== undefined);
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
    // A cluster whose creation failed has registered a context, and has no kubeconfig yet.
    if (provisioned === undefined || registered === undefined || (provisioned && registered.kubeconfig === undefined)) {
      return [];
    }
    // The prefix of a cluster that the stack provisions is its name and its identity.
    const name = provisioned ? namePrefix.replace(/-[0-9a-f]{8}$/, "") : namePrefix;
    const where = `the kubeconfig of cluster ${name} in the stack's state`;
    const provider = Provider.safeParse(state.get(resourceKey("pulumi:providers:kubernetes", namePrefix))).data;
    const known = registered.context ?? provider?.context;
    // The kubeconfig of a provisioned cluster comes from its own nodes, which are not trusted.
    const read = provisioned ? foreignAccess : ownAccess;
    const { kubeconfig, apiServer, uid } = registered;
    const access = (context?: string) =>
      kubeconfig === undefined
        ? engineersAccess(known ?? context ?? "", name)
        : read(kubeconfig, where, known ?? context);
    const more = { ...(apiServer !== undefined && { apiServer }), ...(uid !== undefined && { uid }) };
    return [{ name, namePrefix, access, ambient: kubeconfig === undefined, ...more }];
  });
}
