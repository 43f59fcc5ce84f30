import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { nobody, type RecordedOwnership } from "./ownership";
import { readScript } from "../script";

/** A command that lists the stack's kind clusters on this machine: see kind-clusters.sh. */
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
  /** Identifier of the stack that has to own it: others may use the same name. */
  readonly owner: Text;
}

/**
 * A command that lists the nodes of a kind cluster on this machine: see nodes.sh.
 *
 * @param withImages Whether to list the images of each node as well.
 */
export function nodesCommand<Text extends pulumi.Input<string>>(
  { machineName, owner }: MachineCluster<Text>,
  withImages = false,
) {
  return {
    command: readScript("clusters/nodes.sh"),
    environment: {
      NAME: machineName,
      OWNER: owner,
      OWNERSHIP: readScript("clusters/ownership.sh"),
      ...(withImages && { WITH_IMAGES: "yes" }),
    },
    logging: command.local.Logging.None,
  };
}

/** A command that lists those of these images that this machine has: see images.sh. */
export function imagesCommand(images: readonly string[]): command.local.RunArgs {
  return {
    command: readScript("clusters/images.sh"),
    environment: { IMAGES: images.join("\n") },
    logging: command.local.Logging.None,
  };
}

/** A command that tells how the container of the stack's load balancers is: see load-balancers.sh. */
export function balancersCommand(container: string): command.local.RunArgs {
  return {
    command: readScript("clusters/load-balancers.sh"),
    environment: { NAME: container },
    logging: command.local.Logging.None,
  };
}

/** The text of a script that a Command of this machine runs, as it is in this version. */
export function machineScript(name: "context-add" | "images-load" | "load-balancers-create"): string {
  return readScript(`clusters/${name}.sh`);
}
