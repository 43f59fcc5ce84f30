import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** A CustomResourceDefinition (apiextensions.k8s.io/v1) of the Gateway API, as its release has it. */
export interface Definition {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: k8s.types.input.apiextensions.v1.CustomResourceDefinitionSpec;
}

export interface GatewayApiArgs {
  /** What the Pulumi names of its definitions begin with: see {@link Cluster.namePrefix}. */
  readonly namePrefix: string;
  /** The definitions to install. Of each the name is recorded: hundreds of kilobytes, which the definitions have themselves. */
  readonly definitions: readonly Definition[];
  /** Whether the cluster existed before the stack: other people's Gateways would go with the definitions, so these stay. */
  readonly existingCluster: boolean;
}

/** The Gateway API of a cluster: done when every definition is established, so that Gateways can follow at once. */
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

/** What stands for definitions in what is recorded of a component. */
export function definitionNames(definitions: readonly Definition[]): string[] {
  return definitions.map(({ metadata }) => metadata.name);
}
