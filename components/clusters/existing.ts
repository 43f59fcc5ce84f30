import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  apiServerUrl,
  type Cluster,
  type ClusterAccess,
  type ClusterArgs,
  type NodePort,
  type PreexistingObjects,
  providerSettings,
} from "./cluster";

/** A cluster that existed before the stack. */
export interface ExistingClusterArgs extends ClusterArgs {
  /** URL of its API server as pods of the other clusters reach it; the kubeconfig's if left out. */
  readonly apiServer?: pulumi.Input<string>;
  /** What it already contains that is not the stack's. */
  readonly preexisting: PreexistingObjects;
  /** The credentials that reach it. Not recorded: they are among the component's outputs. */
  readonly access: ClusterAccess;
}

/** A cluster that existed before the stack, which installs the mesh in it and removes exactly that again. */
export class ExistingCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly namePrefix: string;
  readonly podSubnet?: string;
  readonly serviceSubnet?: string;
  readonly platform?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly nodePort?: NodePort;
  readonly preexisting: PreexistingObjects;
  readonly kubeconfig: pulumi.Output<string>;
  readonly context: pulumi.Output<string>;
  readonly peerApiServerUrl: pulumi.Output<string>;
  readonly provider: k8s.Provider;

  /** @param name The cluster's name prefix: see {@link Cluster.namePrefix}. */
  constructor(name: string, args: ExistingClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    // The registered outputs have the credentials: this keeps a second copy of a secret out of the state.
    const { access, ...recorded } = args;
    super("flatmesh:clusters:ExistingCluster", name, recorded, opts);
    this.name = args.clusterName;
    this.namePrefix = name;
    this.podSubnet = args.podSubnet;
    this.serviceSubnet = args.serviceSubnet;
    this.platform = args.platform;
    this.region = args.region;
    this.zone = args.zone;
    this.nodePort = args.nodePort;
    this.preexisting = args.preexisting;
    this.kubeconfig = pulumi.secret(access.kubeconfig);
    this.context = pulumi.output(access.context);
    this.peerApiServerUrl = args.apiServer === undefined ? apiServerUrl(this) : pulumi.output(args.apiServer);
    this.provider = new k8s.Provider(
      name,
      { kubeconfig: this.kubeconfig, context: access.context, clusterIdentifier: name, ...providerSettings },
      { parent: this },
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig, context: this.context });
  }
}
