import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { privateWorkdir, runScripts } from "../script";
import type { ClusterAccess } from "./cluster";
import { repairedEnvironment, type Repairs } from "./repairs";

export interface KubeconfigContextsArgs {
  /** The clusters that get a context, in this order. */
  readonly clusters: readonly KubeconfigContextArgs[];
  /** What no longer is as the stack has made it. Not recorded: the children show it. */
  readonly repairs?: Repairs;
}

export interface KubeconfigContextArgs {
  /** What the Pulumi name of its resource begins with: see {@link Cluster.namePrefix}. */
  readonly namePrefix: string;
  /** The context's name and cluster. Not recorded: a second copy of a secret would change with every certificate. */
  readonly access: ClusterAccess;
}

/**
 * Contexts in the engineer's own kubeconfig (the files of KUBECONFIG, else ~/.kube/config) for the clusters that the stack
 * provisions, named as kind and kwokctl name theirs. The stack adds them only where the settings ask for it.
 */
export class KubeconfigContexts extends pulumi.ComponentResource {
  constructor(name: string, { clusters, repairs }: KubeconfigContextsArgs, opts?: pulumi.ComponentResourceOptions) {
    const recorded = { clusters: clusters.map(({ namePrefix }) => ({ namePrefix })) };
    const aliases = [{ type: "flatmesh:clusters:Contexts" }];
    super("flatmesh:clusters:KubeconfigContexts", name, recorded, pulumi.mergeOptions({ aliases }, opts));
    let previous: command.local.Command[] = [];
    for (const { namePrefix, access } of clusters) {
      const context = new command.local.Command(
        `${namePrefix}-context`,
        {
          ...runScripts(
            { create: "clusters/context-add.sh", delete: "clusters/context-remove.sh" },
            {
              NAME: access.context,
              ...privateWorkdir,
              ...repairedEnvironment(repairs, `${namePrefix}-context`),
            },
          ),
          stdin: access.kubeconfig,
          logging: command.local.Logging.Stderr,
        },
        // One after the other: kubectl fails while another kubectl writes the same file.
        { parent: this, dependsOn: previous },
      );
      previous = [context];
    }
    this.registerOutputs();
  }
}
