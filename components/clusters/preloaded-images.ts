import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { runScripts } from "../script";
import { ownerEnvironment } from "./ownership";

/** A kind cluster that images are loaded into. */
export interface PreloadedClusterArgs {
  /** What the Pulumi name of its resource begins with: see {@link Cluster.namePrefix}. */
  readonly namePrefix: string;
  /** The name that kind knows it by. */
  readonly machineName: pulumi.Input<string>;
  /** The identifier of the stack: 16 hexadecimal digits. */
  readonly owner: pulumi.Input<string>;
  /** What provisions it, and takes its images along when it is deleted. Not recorded: a resource is no data. */
  readonly clusterResource: pulumi.Resource;
}

export interface PreloadedImagesArgs {
  readonly clusters: readonly PreloadedClusterArgs[];
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
    // What the machine has is not recorded: the children show it.
    const clusters = args.clusters.map(({ namePrefix, machineName, owner }) => ({ namePrefix, machineName, owner }));
    super("flatmesh:clusters:PreloadedImages", name, { clusters }, opts);
    for (const cluster of args.clusters) {
      new command.local.Command(
        `${cluster.namePrefix}-images`,
        {
          ...runScripts(
            { create: "clusters/images-load.sh" },
            { NAME: cluster.machineName, ...ownerEnvironment(cluster.owner) },
          ),
          stdin: args.images,
          addPreviousOutputInEnv: false,
        },
        {
          parent: this,
          dependsOn: [cluster.clusterResource],
          deletedWith: cluster.clusterResource,
          ignoreChanges: args.keepImages ? ["stdin"] : [],
        },
      );
    }
    this.registerOutputs();
  }
}
