import type * as command from "@pulumi/command";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apiServerUrl, type Cluster, nothingPreexisting, type NodePort } from "./cluster";
import { kwokInput } from "./kwok-configuration";
import { provisionCluster, type ProvisionedClusterArgs } from "./provisioned-cluster";

/** A control plane whose nodes and pods are simulated. */
export type KwokClusterArgs = ProvisionedClusterArgs;

/**
 * A control plane without containers, provisioned by kwokctl: a real API server with real controllers, and simulated nodes and pods.
 */
export class KwokCluster extends pulumi.ComponentResource implements Cluster {
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
  /** The name that kwokctl knows it by. */
  readonly machineName: pulumi.Output<string>;

  /** @param name The cluster's name prefix: see {@link Cluster.namePrefix}. */
  constructor(name: string, args: KwokClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:clusters:KwokCluster", name, args, opts);
    this.name = args.clusterName;
    this.namePrefix = name;
    this.podSubnet = args.podSubnet;
    this.serviceSubnet = args.serviceSubnet;
    this.platform = args.platform;
    this.region = args.region;
    this.zone = args.zone;
    this.nodePort = args.nodePort;
    const recipe = { tool: "kwok", configuration: kwokInput(args) } as const;
    const cluster = provisionCluster(name, recipe, args, { parent: this, dependsOn: opts?.dependsOn });
    this.machineName = cluster.machineName;
    this.clusterResource = cluster.clusterResource;
    this.kubeconfig = cluster.kubeconfig;
    this.context = cluster.context;
    this.provider = cluster.provider;
    this.peerApiServerUrl = apiServerUrl(this);
    this.registerOutputs({ kubeconfig: this.kubeconfig, context: this.context });
  }
}
