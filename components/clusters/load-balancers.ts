import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { runScripts } from "../script";
import { repairedEnvironment, type Repairs } from "./repairs";

/** cloud-provider-kind, pinned by version and digest. */
const release =
  "registry.k8s.io/cloud-provider-kind/cloud-controller-manager:v0.12.0" +
  "@sha256:1b97632e5dfec8f83c7e970cf18cedb9e6b707e272011d712cabf6ab59d323c9";

export interface LoadBalancersArgs {
  /** The identifier of the stack, whose kind clusters it serves: 16 hexadecimal digits. */
  readonly owner: pulumi.Input<string>;
  /** A copy of cloud-provider-kind's image, for machines that can't reach its registry; the original if left out. */
  readonly image?: string;
  /** The names of project and stack by which version 0.1 marked the stack's load balancers, `<project>/<stack>`. */
  readonly formerOwner?: string;
  /** What no longer is as the stack has made it. Not recorded: the children show it. */
  readonly repairs?: Repairs;
}

/**
 * Gives the Services of kind clusters load balancer addresses, as a cloud would: one container for the stack. Its network exists from
 * the first cluster on, so it depends on the clusters.
 */
export class LoadBalancers extends pulumi.ComponentResource {
  constructor(name: string, args: LoadBalancersArgs, opts?: pulumi.ComponentResourceOptions) {
    const { repairs, ...recorded } = args;
    super("flatmesh:clusters:LoadBalancers", name, recorded, opts);
    const { owner, image = release, formerOwner } = args;
    new command.local.Command(
      name,
      {
        ...runScripts(
          { create: "clusters/load-balancers-create.sh", delete: "clusters/load-balancers-delete.sh" },
          {
            NAME: pulumi.interpolate`flatmesh-${owner}-load-balancers`,
            OWNER: owner,
            IMAGE: image,
            ...(formerOwner !== undefined && { FORMER_OWNER: formerOwner }),
            ...repairedEnvironment(repairs, name),
          },
        ),
        addPreviousOutputInEnv: false,
      },
      // Recorded on the child: a destroy ignores the dependencies of a component.
      { parent: this, dependsOn: opts?.dependsOn },
    );
    this.registerOutputs();
  }
}
