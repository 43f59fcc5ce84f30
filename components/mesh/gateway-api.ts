import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Cluster, inside } from "../clusters";

/** A CustomResourceDefinition (apiextensions.k8s.io/v1) of the Gateway API, as its release has it. */
export interface Definition {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: k8s.types.input.apiextensions.v1.CustomResourceDefinitionSpec;
}

/** The Gateway API of a cluster: done when every definition is established, so that Gateways can follow at once. */
export class GatewayApi extends pulumi.ComponentResource {
  constructor(cluster: Cluster, definitions: readonly Definition[], opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:mesh:GatewayApi", `${cluster.scope}-gateway-api`, {}, inside(cluster, opts));
    for (const { metadata, spec } of definitions) {
      new k8s.apiextensions.v1.CustomResourceDefinition(
        `${cluster.scope}-${metadata.name}`,
        {
          metadata: {
            ...metadata,
            annotations: { ...metadata.annotations, "pulumi.com/waitFor": "condition=Established" },
          },
          spec,
        },
        {
          parent: this,
          // In a cluster that was only found, other people's Gateways would go with the definitions.
          retainOnDelete: cluster.madeBy === undefined,
          ...(opts?.dependsOn && { dependsOn: opts.dependsOn }),
        },
      );
    }
    this.registerOutputs();
  }
}
