import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { nobody, type RecordedOwnership } from "./ownership";
import { readScript } from "../script";

/** What to run for the kind clusters of this machine that the stack has made: see kind-clusters.sh for what it prints. */
export function kindClustersCommand({ owner = nobody, former }: RecordedOwnership): command.local.RunArgs {
  return {
    command: readScript("clusters/kind-clusters.sh"),
    environment: {
      OWNER: owner,
      OWNERSHIP: readScript("clusters/ownership.sh"),
      FORMER_MARKS: [...former.values()].map(({ mark }) => mark).join(" "),
    },
    logging: command.local.Logging.None,
  };
}

/** A kind cluster of this machine. */
export interface MachineCluster<Text extends pulumi.Input<string> = string> {
  /** The name that kind knows it by. */
  readonly machineName: Text;
  /** Identifier of the stack that it has to be of: anybody's clusters may have that name. */
  readonly owner: Text;
}

/** What to run for the nodes of a kind cluster of this machine: see nodes.sh for what it prints. */
export function nodesCommand<Text extends pulumi.Input<string>>({ machineName, owner }: MachineCluster<Text>) {
  return {
    command: readScript("clusters/nodes.sh"),
    environment: { NAME: machineName, OWNER: owner, OWNERSHIP: readScript("clusters/ownership.sh") },
    logging: command.local.Logging.None,
  };
}

/** What to run for those of these images that this machine has: see images.sh for what it prints. */
export function imagesCommand(images: readonly string[]): command.local.RunArgs {
  return {
    command: readScript("clusters/images.sh"),
    environment: { IMAGES: images.join("\n") },
    logging: command.local.Logging.None,
  };
}
