import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  apiServerUrl,
  type Cluster,
  type ClusterArgs,
  type NodePort,
  type PreexistingObjects,
  providerSettings,
} from "./cluster";

/** How an existing cluster is reached, and by what it is known again. */
export interface ExistingClusterAccess {
  /** Kubeconfig (YAML, a secret), if the settings have one. */
  readonly kubeconfig?: string;
  /** Whether there will be one that is not known yet, in a preview: what depends on it is unknown then. */
  readonly yetToCome?: true;
  /** Its context, or that of the kubeconfig of whoever runs an update; absent only if that is yet to come with the kubeconfig. */
  readonly context?: string;
  /** Its API server as that kubeconfig reaches it, or has reached it when the stack first did. */
  readonly apiServer?: ApiServerAddress;
  /** UID of its namespace kube-system, if that is known: of no other cluster. */
  readonly uid?: string;
}

/** The address of an API server. */
export interface ApiServerAddress {
  readonly url: string;
  /** The name that its certificate has to have, if not that of the URL. */
  readonly tlsServerName?: string;
}

/** A cluster that existed before the stack. */
export interface ExistingClusterArgs extends ClusterArgs {
  /** URL of its API server as pods of the other clusters reach it; the kubeconfig's if left out. */
  readonly apiServer?: pulumi.Input<string>;
  /** What it already contains that is not the stack's. */
  readonly preexisting: PreexistingObjects;
  /** Not recorded: it is among the component's outputs. */
  readonly access: ExistingClusterAccess;
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
  readonly kubeconfig?: pulumi.Output<string>;
  readonly context: pulumi.Output<string>;
  readonly peerApiServerUrl: pulumi.Output<string>;
  readonly peerTlsServerName?: string;
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
    const text = access.yetToCome ? unknownText() : access.kubeconfig;
    const kubeconfig = text === undefined ? undefined : pulumi.secret(text);
    this.kubeconfig = kubeconfig;
    this.context = access.context === undefined ? unknownText() : pulumi.output(access.context);
    this.peerApiServerUrl = pulumi.output(
      args.apiServer ?? access.apiServer?.url ?? apiServerUrl({ kubeconfig: kubeconfig ?? "", context: this.context }),
    );
    this.peerTlsServerName = args.apiServer === undefined ? access.apiServer?.tlsServerName : undefined;
    this.provider = new k8s.Provider(
      name,
      {
        // Empty where the plugin is to read whatever kubeconfig there is: without it, the SDK takes the path in KUBECONFIG.
        kubeconfig: kubeconfig ?? "",
        context: this.context,
        clusterIdentifier: name,
        ...providerSettings,
        ...(args.upsertExistingObjects && { upsertExistingObjects: true }),
        ...(args.enableConfigMapMutable && { enableConfigMapMutable: true }),
      },
      { parent: this },
    );
    const { apiServer, uid } = access;
    this.registerOutputs({ ...(kubeconfig && { kubeconfig }), context: this.context, apiServer, uid });
  }
}

/** A text that a preview knows nothing of, as of an output of a resource that is yet to be made. */
function unknownText(): pulumi.Output<string> {
  return pulumi.output(pulumi.unknown).apply(String);
}
