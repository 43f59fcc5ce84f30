import type * as command from "@pulumi/command";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Cluster, nothingPreexisting, type NodePort } from "./cluster";
import { provisionCluster, type ProvisionedClusterArgs } from "./provisioned-cluster";

/** A cluster whose nodes are containers of this machine. */
export interface KindClusterArgs extends ProvisionedClusterArgs {
  /** Image of its nodes; kind's own if left out. */
  readonly nodeImage?: string;
}

/** A cluster whose nodes are containers of this machine, provisioned by kind. */
export class KindCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly namePrefix: string;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  readonly platform?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly nodePort?: NodePort;
  readonly preexisting = nothingPreexisting;
  readonly kubeconfig: pulumi.Output<string>;
  readonly context: pulumi.Output<string>;
  readonly peerApiServerUrl: pulumi.Output<string>;
  readonly provider: k8s.Provider;
  readonly clusterResource: command.local.Command;
  /** The name that kind knows it by. */
  readonly machineName: pulumi.Output<string>;
  /** The identifier of its owner. */
  readonly owner: pulumi.Output<string>;

  /** @param name The cluster's name prefix: see {@link Cluster.namePrefix}. */
  constructor(name: string, args: KindClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:clusters:KindCluster", name, args, opts);
    this.name = args.clusterName;
    this.namePrefix = name;
    this.podSubnet = args.podSubnet;
    this.serviceSubnet = args.serviceSubnet;
    this.platform = args.platform;
    this.region = args.region;
    this.zone = args.zone;
    this.nodePort = args.nodePort;
    this.owner = pulumi.output(args.owner);
    const configuration = this.owner.apply((owner) =>
      JSON.stringify(kindConfiguration(args, ownershipMark(owner, args.identity)), undefined, 2),
    );
    const cluster = provisionCluster(name, { tool: "kind", configuration }, args, {
      parent: this,
      dependsOn: opts?.dependsOn,
    });
    this.machineName = cluster.machineName;
    this.clusterResource = cluster.clusterResource;
    this.kubeconfig = cluster.kubeconfig;
    this.context = cluster.context;
    this.provider = cluster.provider;
    // By the node's name, not its address: containers may swap addresses when the engine restarts, and the name is in the API
    // server's certificate. Several control planes are behind kind's own load balancer container.
    const apiServer = args.controlPlanes > 1 ? "external-load-balancer" : "control-plane";
    this.peerApiServerUrl = pulumi.interpolate`https://${this.machineName}-${apiServer}:6443`;
    this.registerOutputs({ kubeconfig: this.kubeconfig, context: this.context });
  }
}

/**
 * A path inside every node that marks its owner. It is mounted, so that a node has it from the start: a cluster whose creation broke
 * off half-way can be distinguished from one that a person created under the same name.
 */
export function ownershipMark(owner: string, identity: string): string {
  return `/flatmesh/${owner}/${identity}`;
}

/** kind's configuration of the cluster (kind.x-k8s.io/v1alpha4). */
export function kindConfiguration(
  cluster: Pick<KindClusterArgs, "podSubnet" | "serviceSubnet" | "controlPlanes" | "workers" | "nodeImage">,
  mark: string,
): object {
  const node = (role: string): object => ({
    role,
    image: cluster.nodeImage,
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
