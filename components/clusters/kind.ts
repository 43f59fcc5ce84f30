import * as pulumi from "@pulumi/pulumi";
import type { KindClusterSettings } from "../../settings";
import { type MadeClusterArgs, ToolMadeCluster } from "./made";

/** A cluster whose nodes are containers of this machine, made by kind. */
export class KindCluster extends ToolMadeCluster<KindClusterSettings> {
  readonly peerServer: pulumi.Output<string>;

  constructor(args: MadeClusterArgs<KindClusterSettings>, opts?: pulumi.ComponentResourceOptions) {
    super(
      "flatmesh:clusters:KindCluster",
      args,
      (identity) => ({
        tool: "kind",
        configuration: args.owner.apply((owner) =>
          JSON.stringify(kindConfiguration(args.cluster, ownershipMark(owner, identity)), undefined, 2),
        ),
        contextPrefix: "kind-",
      }),
      opts,
    );
    // By the node's name, not its address: containers exchange addresses when the engine restarts, and the name is in
    // the API server's certificate. Several control planes stand behind a load balancer container of kind's own.
    const apiServer = args.cluster.controlPlanes > 1 ? "external-load-balancer" : "control-plane";
    this.peerServer = pulumi.interpolate`https://${this.machineName}-${apiServer}:6443`;
    this.registerOutputs({ kubeconfig: this.kubeconfig, context: this.context });
  }
}

/**
 * A path inside every node that says who made it. It is mounted, so that a node carries it from its first moment: a
 * cluster whose creation broke off half-way can be told from one that a person has made under the same name.
 */
export function ownershipMark(owner: string, identity: string): string {
  return `/flatmesh/${owner}/${identity}`;
}

/** The configuration kind makes the cluster from (kind.x-k8s.io/v1alpha4). */
export function kindConfiguration(cluster: KindClusterSettings, mark: string): object {
  const node = (role: string): object => ({
    role,
    ...(cluster.nodeImage !== undefined && { image: cluster.nodeImage }),
    extraMounts: [{ hostPath: "/dev/null", containerPath: mark, readOnly: true }],
  });
  return {
    kind: "Cluster",
    apiVersion: "kind.x-k8s.io/v1alpha4",
    networking: { podSubnet: cluster.podSubnet, serviceSubnet: cluster.serviceSubnet },
    nodes: [
      ...Array.from({ length: cluster.controlPlanes }, () => node("control-plane")),
      ...Array.from({ length: cluster.workers }, () => node("worker")),
    ],
  };
}
