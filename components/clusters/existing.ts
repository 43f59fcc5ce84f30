import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ExistingClusterSettings } from "../../settings";
import { type Cluster, type PreexistingObjects, providerSettings } from "./cluster";
import { scopeOf } from "./identity";
import { serverOf } from "./server";

export interface ExistingClusterArgs {
  /** The kubeconfig (YAML, a secret) that reaches it, and the context that counts. */
  readonly access: { readonly kubeconfig: string; readonly context: string };
  readonly preexisting: PreexistingObjects;
}

/** A cluster that was there before: the stack puts the mesh into it, and takes exactly that out again. */
export class ExistingCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly scope: string;
  readonly settings: ExistingClusterSettings;
  readonly preexisting: PreexistingObjects;
  readonly kubeconfig: pulumi.Output<string>;
  readonly context: pulumi.Output<string>;
  readonly peerServer: pulumi.Output<string>;
  readonly provider: k8s.Provider;

  constructor(
    cluster: ExistingClusterSettings,
    { access: { kubeconfig, context }, preexisting }: ExistingClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("flatmesh:clusters:ExistingCluster", cluster.name, {}, opts);
    this.name = cluster.name;
    this.scope = scopeOf(cluster);
    this.settings = cluster;
    this.preexisting = preexisting;
    this.kubeconfig = pulumi.secret(kubeconfig);
    this.context = pulumi.output(context);
    const { apiServer } = cluster;
    this.peerServer = apiServer === undefined ? serverOf(this.kubeconfig, this.context) : pulumi.output(apiServer);
    this.provider = new k8s.Provider(
      this.scope,
      { kubeconfig: this.kubeconfig, context, clusterIdentifier: this.scope, ...providerSettings },
      { parent: this },
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig, context: this.context });
  }
}
