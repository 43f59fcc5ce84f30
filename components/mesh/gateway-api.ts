import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** A CustomResourceDefinition (apiextensions.k8s.io/v1) from a release of the Gateway API. */
export interface Definition {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: k8s.types.input.apiextensions.v1.CustomResourceDefinitionSpec;
}

export interface GatewayApiArgs {
  /** What the Pulumi names of its definitions begin with: see {@link Cluster.namePrefix}. */
  readonly namePrefix: string;
  /** The definitions to install. Only their names are recorded: they are hundreds of kilobytes, and resources of their own. */
  readonly definitions: readonly Definition[];
  /** Whether the cluster existed before the stack. Then the definitions stay: other people's Gateways would go with them. */
  readonly existingCluster: boolean;
}

/** The Gateway API of a cluster. It is done when every definition is established, so that Gateways can follow at once. */
export class GatewayApi extends pulumi.ComponentResource {
  constructor(name: string, args: GatewayApiArgs, opts?: pulumi.ComponentResourceOptions) {
    const { definitions, ...recorded } = args;
    super("flatmesh:mesh:GatewayApi", name, { ...recorded, definitions: definitionNames(definitions) }, opts);
    for (const { metadata, spec } of definitions) {
      new k8s.apiextensions.v1.CustomResourceDefinition(
        `${args.namePrefix}-${metadata.name}`,
        {
          metadata: {
            ...metadata,
            annotations: { ...metadata.annotations, "pulumi.com/waitFor": "condition=Established" },
          },
          spec,
        },
        { parent: this, retainOnDelete: args.existingCluster, dependsOn: opts?.dependsOn },
      );
    }
    this.registerOutputs();
  }
}

/** What is recorded of definitions. */
export function definitionNames(definitions: readonly Definition[]): string[] {
  return definitions.map(({ metadata }) => metadata.name);
}
