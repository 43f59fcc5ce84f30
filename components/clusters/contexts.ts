import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { privateWorkdir, runScripts } from "./script";

/**
 * Contexts of the engineer's own kubeconfig (the files of KUBECONFIG, else ~/.kube/config) for the clusters that the stack
 * makes, named as kind and kwokctl name theirs. Who has not asked for it gets none.
 */
export class Contexts extends pulumi.ComponentResource {
  constructor(name: string, clusters: readonly Cluster[], opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:clusters:Contexts", name, {}, opts);
    let before: command.local.Command[] = [];
    for (const cluster of clusters.filter(({ madeBy }) => madeBy !== undefined)) {
      const context = new command.local.Command(
        `${cluster.scope}-context`,
        {
          ...runScripts(
            { create: "context-add.sh", delete: "context-remove.sh" },
            { NAME: cluster.context, ...privateWorkdir },
          ),
          stdin: cluster.kubeconfig,
          logging: command.local.Logging.Stderr,
        },
        // One after the other: kubectl fails where another one is at work on the same file.
        { parent: this, dependsOn: before },
      );
      before = [context];
    }
    this.registerOutputs();
  }
}
