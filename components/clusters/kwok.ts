import type * as pulumi from "@pulumi/pulumi";
import type { KwokClusterSettings } from "../../settings";
import { serverOf } from "./server";
import { kwokInput } from "./kwok-configuration";
import { type MadeClusterArgs, ToolMadeCluster } from "./made";

/**
 * A control plane without containers, made by kwokctl: a real API server with real controllers, whose nodes and pods only
 * say that they run.
 */
export class KwokCluster extends ToolMadeCluster<KwokClusterSettings> {
  readonly peerServer: pulumi.Output<string>;

  constructor(args: MadeClusterArgs<KwokClusterSettings>, opts?: pulumi.ComponentResourceOptions) {
    super(
      "flatmesh:clusters:KwokCluster",
      args,
      () => ({ tool: "kwok", configuration: kwokInput(args.cluster), contextPrefix: "kwok-" }),
      opts,
    );
    this.peerServer = serverOf(this.kubeconfig, this.context);
    this.registerOutputs({ kubeconfig: this.kubeconfig, context: this.context });
  }
}
