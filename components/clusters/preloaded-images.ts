import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { KindCluster } from "./kind";
import { ownerEnvironment } from "./ownership";
import { runScripts } from "./script";

export interface PreloadedImagesArgs {
  readonly clusters: readonly Cluster[];
  /**
   * What images.sh has printed of this machine: an image that was built again under its old tag shows in a plan. Images that this
   * machine does not have are left to the nodes to pull.
   */
  readonly images: string;
  /** Whether this machine is not the clusters' own: what they have stays as the state has it. */
  readonly keepImages: boolean;
}

/** Puts images that this machine has into the nodes of kind clusters, so that no node pulls them. */
export class PreloadedImages extends pulumi.ComponentResource {
  constructor(name: string, args: PreloadedImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:clusters:PreloadedImages", name, {}, opts);
    for (const cluster of args.clusters.filter((one) => one instanceof KindCluster)) {
      new command.local.Command(
        `${cluster.scope}-images`,
        {
          ...runScripts(
            { create: "images-load.sh" },
            { NAME: cluster.machineName, ...ownerEnvironment(cluster.owner) },
          ),
          stdin: args.images,
          addPreviousOutputInEnv: false,
        },
        {
          parent: this,
          dependsOn: [cluster.madeBy],
          deletedWith: cluster.madeBy,
          ignoreChanges: args.keepImages ? ["stdin"] : [],
        },
      );
    }
    this.registerOutputs();
  }
}
