import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { KindCluster } from "./kind";
import { owner } from "./names";
import { runScripts } from "./script";

/** cloud-provider-kind, pinned by version and digest. */
const release =
  "registry.k8s.io/cloud-provider-kind/cloud-controller-manager:v0.12.0" +
  "@sha256:1b97632e5dfec8f83c7e970cf18cedb9e6b707e272011d712cabf6ab59d323c9";

/** Gives the Services of kind clusters their load balancer addresses, as a cloud would: one container for the stack. */
export class LoadBalancers extends pulumi.ComponentResource {
  /** @param image A copy of cloud-provider-kind's image, for machines that can't reach its registry. */
  constructor(
    name: string,
    clusters: readonly Cluster[],
    { image = release }: { readonly image?: string | undefined } = {},
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("flatmesh:clusters:LoadBalancers", name, {}, opts);
    new command.local.Command(
      name,
      {
        ...runScripts(
          { create: "load-balancers-create.sh", delete: "load-balancers-delete.sh" },
          { NAME: `flatmesh-${owner().replaceAll("/", "-")}-load-balancers`, OWNER: owner(), IMAGE: image },
        ),
        addPreviousOutputInEnv: false,
      },
      // The network that it serves is there with the first cluster.
      {
        parent: this,
        dependsOn: clusters.flatMap((cluster) => (cluster instanceof KindCluster ? [cluster.madeBy] : [])),
      },
    );
    this.registerOutputs();
  }
}
