import * as pulumi from "@pulumi/pulumi";
import { PreconditionError } from "../../settings";
import { type Cluster, ExistingCluster, inside } from "../clusters";
import { Reader } from "./reader";
import { ReaderToken } from "./reader-token";
import { type KnownToken, generationsOf } from "./token-renewal";

export interface RemoteAccessArgs {
  /** The clusters of this stack whose control planes read this one. */
  readonly holders: readonly string[];
  /** Whether control planes of other stacks may read it: those of `peerStacks`. */
  readonly others: boolean;
  /** The tokens that the stack has by now. */
  readonly tokens: readonly KnownToken[];
  /** Age at which a token is renewed, in days. */
  readonly renewAfterDays: number;
}

/**
 * How the control planes of other clusters read this one's services and pods (community distribution): a token each for those of
 * this stack, which goes with the link, and one for those of other stacks.
 */
export class RemoteAccess extends pulumi.ComponentResource {
  /** For the clusters of other stacks: a kubeconfig (YAML), a secret; absent where none may read it. */
  readonly kubeconfig?: pulumi.Output<string>;
  /** For those of this stack: by cluster, secrets as well. */
  readonly kubeconfigs: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(cluster: Cluster, args: RemoteAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:peering:RemoteAccess", `${cluster.scope}-remote-access`, {}, inside(cluster, opts));
    checkServer(cluster);
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    const reader = new Reader(cluster, { parent: this, dependsOn });
    const child = { parent: this, dependsOn: [...dependsOn, reader.account] };
    const generations = (holder?: string) =>
      generationsOf(
        args.tokens.filter((token) => token.namePrefix === cluster.scope && token.holder === holder),
        args.renewAfterDays,
      );

    if (args.others) {
      const { current, previous } = generations();
      if (previous !== undefined) {
        new ReaderToken(cluster, { generation: previous }, child);
      }
      this.kubeconfig = new ReaderToken(cluster, { generation: current }, child).kubeconfig(cluster);
    }
    this.kubeconfigs = new Map(
      args.holders.map((holder) => {
        // Its holder takes the next one in the same update, before the engine deletes this one.
        const generation = generations(holder).current;
        return [holder, new ReaderToken(cluster, { holder, generation }, child).kubeconfig(cluster)];
      }),
    );
    this.registerOutputs(this.kubeconfig && { kubeconfig: this.kubeconfig });
  }
}

/** Stops a plan whose peers would be told an address that they have for themselves. */
function checkServer(cluster: Cluster): void {
  if (cluster instanceof ExistingCluster) {
    cluster.peerServer.apply((server) => {
      if (/^https?:\/\/(localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])(?=[:/]|$)/.test(server)) {
        throw new PreconditionError(
          `Cluster ${cluster.name}: its kubeconfig has the API server at ${server}, where the control planes of other clusters ` +
            "can't reach it. Set apiServer on the cluster to a URL that they can.",
          "docs/community.md#the-api-servers-address",
        );
      }
    });
  }
}
