import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { runScripts } from "../script";
import { ownerEnvironment } from "./ownership";

export interface ContainerNetworkArgs {
  /** The identifier of the stack, whose half-made clusters go with the network: 16 hexadecimal digits. */
  readonly owner: pulumi.Input<string>;
}

/**
 * The container network of the nodes of all kind clusters on this machine. It is the one that kind would create by itself and never
 * delete: created here, it is deleted with the last stack that needs it.
 */
export class ContainerNetwork extends pulumi.ComponentResource {
  constructor(name: string, args: ContainerNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:clusters:ContainerNetwork", name, args, opts);
    new command.local.Command(
      name,
      {
        ...runScripts(
          { create: "clusters/container-network-create.sh", delete: "clusters/container-network-delete.sh" },
          ownerEnvironment(args.owner),
        ),
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
