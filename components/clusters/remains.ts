import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { privateWorkdir, readScript, runScripts } from "./script";

export interface RemainsArgs {
  /** Names of the custom resource definitions that the stack makes itself. */
  readonly definitions: readonly string[];
}

/**
 * Takes out of an existing cluster, after everything else, what no deletion of a resource takes along: the definitions
 * (Helm keeps Istio's), and what istiod has written by itself. What was there before the stack stays: it is recorded when
 * this is made, so everything in the cluster has to wait for it.
 */
export class Remains extends command.local.Command {
  constructor(cluster: Cluster, { definitions }: RemainsArgs, opts: pulumi.CustomResourceOptions) {
    const { environment, ...scripts } = runScripts(
      { create: "remains-record.sh", delete: "remains-remove.sh" },
      {
        IN_CLUSTER: readScript("in-cluster.sh"),
        ...privateWorkdir,
        NAME: cluster.name,
        CONTEXT: cluster.context,
        KUBECONFIG_TEXT: cluster.kubeconfig,
        DEFINITIONS: definitions.toSorted().join(" "),
      },
    );
    super(
      `${cluster.scope}-remains`,
      {
        ...scripts,
        environment,
        // The record is of the time before the stack: it stands whatever changes later.
        update: `printf '%s' "$PULUMI_COMMAND_STDOUT"`,
        logging: command.local.Logging.Stderr,
      },
      opts,
    );
  }
}
