import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { KindCluster } from "./kind";
import type { RecordedOwnership } from "./ownership";
import { runScripts } from "./script";

/** cloud-provider-kind, pinned by version and digest. */
const release =
  "registry.k8s.io/cloud-provider-kind/cloud-controller-manager:v0.12.0" +
  "@sha256:1b97632e5dfec8f83c7e970cf18cedb9e6b707e272011d712cabf6ab59d323c9";

export interface LoadBalancersArgs {
  /** A copy of cloud-provider-kind's image, for machines that can't reach its registry. */
  readonly image?: string | undefined;
  /** What the stack's state tells of whose they are, before this update. */
  readonly recorded?: RecordedOwnership;
}

/** Gives the Services of kind clusters their load balancer addresses, as a cloud would: one container for the stack. */
export class LoadBalancers extends pulumi.ComponentResource {
  constructor(
    name: string,
    clusters: readonly Cluster[],
    { image = release, recorded }: LoadBalancersArgs = {},
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("flatmesh:clusters:LoadBalancers", name, {}, opts);
    const kindClusters = clusters.filter((cluster) => cluster instanceof KindCluster);
    const [first] = kindClusters;
    const former = recorded?.formerBalancers;
    if (first === undefined) {
      this.registerOutputs();
      return;
    }
    new command.local.Command(
      name,
      {
        ...runScripts(
          { create: "load-balancers-create.sh", delete: "load-balancers-delete.sh" },
          {
            NAME: pulumi.interpolate`flatmesh-${first.owner}-load-balancers`,
            OWNER: first.owner,
            IMAGE: image,
            ...(former !== undefined && { FORMER_OWNER: former }),
          },
        ),
        addPreviousOutputInEnv: false,
      },
      // The network that it serves is there with the first cluster.
      {
        parent: this,
        dependsOn: kindClusters.map(({ madeBy }) => madeBy),
      },
    );
    this.registerOutputs();
  }
}
