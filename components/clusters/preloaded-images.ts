import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { KindCluster } from "./kind";
import { ownerEnvironment } from "./ownership";
import { readScript, runScripts } from "./script";

/** Puts images that this machine has into the nodes of kind clusters, so that no node pulls them. */
export class PreloadedImages extends pulumi.ComponentResource {
  /** @param images Images by tag; those that this machine does not have are left to the nodes. */
  constructor(
    name: string,
    clusters: readonly Cluster[],
    images: readonly string[],
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("flatmesh:clusters:PreloadedImages", name, {}, opts);
    const kindClusters = clusters.filter((cluster) => cluster instanceof KindCluster);
    if (kindClusters.length > 0 && images.length > 0) {
      // Looked up in every plan: an image that was built anew under its old tag shows in it.
      const present = command.local.runOutput(
        {
          command: readScript("images.sh"),
          environment: { IMAGES: images.join("\n") },
          logging: command.local.Logging.None,
        },
        { parent: this },
      ).stdout;
      for (const cluster of kindClusters) {
        new command.local.Command(
          `${cluster.scope}-images`,
          {
            ...runScripts(
              { create: "images-load.sh" },
              { NAME: cluster.machineName, ...ownerEnvironment(cluster.owner) },
            ),
            stdin: present,
            addPreviousOutputInEnv: false,
          },
          { parent: this, dependsOn: [cluster.madeBy], deletedWith: cluster.madeBy },
        );
      }
    }
    this.registerOutputs();
  }
}
