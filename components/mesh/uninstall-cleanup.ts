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
 * Removes from an existing cluster, after everything else, what no deletion of a resource removes: the definitions (Helm keeps
 * Istio's), and what istiod wrote by itself. What existed before the stack stays: it is recorded when this resource is created, so
 * everything in the cluster has to wait for it.
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
          ...(cluster.access.kubeconfig !== undefined && { KUBECONFIG_TEXT: cluster.access.kubeconfig }),
          DEFINITIONS: definitions.toSorted().join(" "),
        },
      ),
      // The record is of the time before the stack, so it never changes.
      update: `printf '%s' "$PULUMI_COMMAND_STDOUT"`,
      logging: command.local.Logging.Stderr,
    },
    opts,
  );
}
