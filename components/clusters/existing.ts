import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Access, engineersAccess, ownAccess } from "../../kubernetes";
import { PreconditionError, type ExistingClusterSettings } from "../../settings";
import { type Cluster, type Findings, providerSettings } from "./cluster";
import { scopeOf } from "./identity";
import { serverOf } from "./server";

/** A cluster that was there before: the stack puts the mesh into it, and takes exactly that out again. */
export class ExistingCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly scope: string;
  readonly settings: ExistingClusterSettings;
  readonly found: Findings;
  readonly kubeconfig: pulumi.Output<string>;
  readonly context: pulumi.Output<string>;
  readonly peerServer: pulumi.Output<string>;
  readonly provider: k8s.Provider;

  constructor(cluster: ExistingClusterSettings, found: Findings, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:clusters:ExistingCluster", cluster.name, {}, opts);
    this.name = cluster.name;
    this.scope = scopeOf(cluster);
    this.settings = cluster;
    this.found = found;
    const { kubeconfig, context } = accessTo(cluster);
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

/**
 * How an existing cluster is reached: by the context that the settings name, and nothing else of the kubeconfig that has it.
 *
 * @throws PreconditionError when the engineer's own kubeconfig lacks the context.
 */
export function accessTo({ name, kubeconfig, context }: ExistingClusterSettings): Access {
  if (kubeconfig !== undefined) {
    return ownAccess(kubeconfig, `the kubeconfig of cluster ${name} in the settings`, context);
  }
  if (context !== undefined) {
    return engineersAccess(context);
  }
  throw new PreconditionError(
    "An existing cluster needs a kubeconfig or a context: set one of the two.",
    "docs/existing-clusters.md#kubeconfigs",
  );
}
