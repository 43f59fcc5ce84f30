import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { TargetClusterArgs } from "../clusters";
import { privateWorkdir, readScript, runScripts } from "../script";

export interface UninstallCleanupArgs {
  readonly cluster: Pick<TargetClusterArgs, "clusterName" | "access">;
  /** Names of the custom resource definitions that the stack makes itself. */
  readonly definitions: readonly string[];
}

/**
 * Takes out of an existing cluster, after everything else, what no deletion of a resource takes along: the definitions
 * (Helm keeps Istio's), and what istiod has written by itself. What was there before the stack stays: it is recorded when
 * this is created, so everything in the cluster has to wait for it.
 */
export function uninstallCleanup(
  name: string,
  { cluster, definitions }: UninstallCleanupArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  return new command.local.Command(
    name,
    {
      ...runScripts(
        { create: "mesh/remains-record.sh", delete: "mesh/remains-remove.sh" },
        {
          IN_CLUSTER: readScript("mesh/in-cluster.sh"),
          ...privateWorkdir,
          NAME: cluster.clusterName,
          CONTEXT: cluster.access.context,
          KUBECONFIG_TEXT: cluster.access.kubeconfig,
          DEFINITIONS: definitions.toSorted().join(" "),
        },
      ),
      // The record is of the time before the stack: it stands whatever changes later.
      update: `printf '%s' "$PULUMI_COMMAND_STDOUT"`,
      logging: command.local.Logging.Stderr,
    },
    opts,
  );
}
