import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { ownerEnvironment } from "./ownership";
import { runScripts } from "./script";

/**
 * The container network that the nodes of all kind clusters of this machine stand in. It is the one that kind would make by
 * itself and never take away: made here, it goes with the last stack that needs it.
 */
export class ContainerNetwork extends pulumi.ComponentResource {
  /** @param owner The identifier of the stack, whose half-made clusters go with it. */
  constructor(name: string, owner: pulumi.Output<string>, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:clusters:ContainerNetwork", name, {}, opts);
    new command.local.Command(
      name,
      {
        ...runScripts(
          { create: "container-network-create.sh", delete: "container-network-delete.sh" },
          ownerEnvironment(owner),
        ),
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
