import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { runScripts } from "../script";
import { ownerEnvironment } from "./ownership";
import { repairedEnvironment, type Repairs } from "./repairs";

/** A kind cluster that images are loaded into. */
export interface PreloadedClusterArgs {
  /** What the Pulumi name of its resource begins with: see {@link Cluster.namePrefix}. */
  readonly namePrefix: string;
  /** The name that kind knows it by. */
  readonly machineName: pulumi.Input<string>;
  /** The identifier of the stack: 16 hexadecimal digits. */
  readonly owner: pulumi.Input<string>;
  /** What provisions it; its images are deleted with it. Not recorded: a resource is not data. */
  readonly clusterResource: pulumi.Resource;
}

export interface PreloadedImagesArgs {
  readonly clusters: readonly PreloadedClusterArgs[];
  /**
   * What images.sh printed for this machine, so that a plan shows an image that was rebuilt under its old tag. Nodes pull the images
   * that this machine does not have.
   */
  readonly images: string;
  /** Whether the clusters are on another machine: then their images stay as the state has them. */
  readonly keepImages: boolean;
  /** What no longer is as the stack has made it. Not recorded: the children show it. */
  readonly repairs?: Repairs;
}

/** Loads images that this machine has into the nodes of kind clusters, so that no node pulls them. */
export class PreloadedImages extends pulumi.ComponentResource {
  /** What is done when a cluster has its images, by name prefix. */
  readonly loaded: ReadonlyMap<string, pulumi.Resource>;

  constructor(name: string, args: PreloadedImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    // What the machine has is not recorded: the children show it.
    const clusters = args.clusters.map(({ namePrefix, machineName, owner }) => ({ namePrefix, machineName, owner }));
    super("flatmesh:clusters:PreloadedImages", name, { clusters }, opts);
    const loaded = new Map<string, pulumi.Resource>();
    for (const cluster of args.clusters) {
      const load = new command.local.Command(
        `${cluster.namePrefix}-images`,
        {
          ...runScripts(
            { create: "clusters/images-load.sh" },
            {
              NAME: cluster.machineName,
              ...ownerEnvironment(cluster.owner),
              ...repairedEnvironment(args.repairs, `${cluster.namePrefix}-images`),
            },
          ),
          stdin: args.images,
          // The standard output is a record of what the nodes have.
          logging: command.local.Logging.Stderr,
          addPreviousOutputInEnv: false,
        },
        {
          parent: this,
          dependsOn: [cluster.clusterResource],
          deletedWith: cluster.clusterResource,
          ignoreChanges: args.keepImages ? ["stdin"] : [],
        },
      );
      loaded.set(cluster.namePrefix, load);
    }
    this.loaded = loaded;
    this.registerOutputs();
  }
}
