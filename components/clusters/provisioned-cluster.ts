import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { foreignKubeconfig } from "../../kubernetes";
import { privateWorkdir, runScripts } from "../script";
import { type ClusterArgs, providerSettings } from "./cluster";
import { ownerEnvironment } from "./ownership";

/** Arguments of a cluster that a command-line tool provisions. */
export interface ProvisionedClusterArgs extends ClusterArgs {
  /** CIDR, such as `10.10.0.0/16`; every node takes a /24 of it. */
  readonly podSubnet: string;
  /** CIDR, such as `10.255.10.0/24`. */
  readonly serviceSubnet: string;
  /** Number of control-plane nodes, 1 or more. */
  readonly controlPlanes: number;
  /** Number of further nodes. */
  readonly workers: number;
  /** Eight hexadecimal digits that change exactly when the cluster has to be rebuilt: see {@link identityOf}. */
  readonly identity: string;
  /** How often the cluster was recreated with the same settings; absent, or 0, for the first one. */
  readonly generation?: number;
  /** Whether its name on this machine gets a random suffix. */
  readonly uniqueName: boolean;
  /** The identifier of the stack as its owner: 16 hexadecimal digits (see ownership.ts). */
  readonly owner: pulumi.Input<string>;
  /** The cluster of version 0.1 that it takes over, or takes the place of. */
  readonly former?: FormerClusterArgs;
}

/** Identifies a cluster of version 0.1. */
export interface FormerClusterArgs {
  /** `<project>/<stack>/<identity>` */
  readonly mark: string;
  /** Its certificate authority, base64 of PEM. */
  readonly authority: string;
}

/** How a tool provisions a cluster. */
interface Recipe {
  /** Names the two scripts, `<tool>-create.sh` and `<tool>-delete.sh`. */
  readonly tool: "kind" | "kwok";
  /** What the create script reads from its standard input. */
  readonly configuration: pulumi.Input<string>;
}

/** The parts of a provisioned cluster's component. */
interface ProvisionedCluster {
  /** The name that the tool knows the cluster by. */
  readonly machineName: pulumi.Output<string>;
  readonly clusterResource: command.local.Command;
  readonly context: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly provider: k8s.Provider;
}

/**
 * Provisions a cluster by a command-line tool: the children that the components of kind and kwok clusters have in common.
 *
 * @param namePrefix Pulumi name of the component, and of its children.
 * @param opts The component as parent, and what the cluster depends on.
 */
export function provisionCluster(
  namePrefix: string,
  { tool, configuration }: Recipe,
  args: ProvisionedClusterArgs,
  opts: { readonly parent: pulumi.Resource; readonly dependsOn: pulumi.ComponentResourceOptions["dependsOn"] },
): ProvisionedCluster {
  const { parent, dependsOn } = opts;
  const { clusterName, identity, generation } = args;
  const machineName = args.uniqueName ? suffixed(namePrefix, clusterName, parent) : pulumi.output(clusterName);
  const clusterResource = new command.local.Command(
    namePrefix,
    {
      ...runScripts(
        { create: `clusters/${tool}-create.sh`, delete: `clusters/${tool}-delete.sh` },
        {
          NAME: machineName,
          IDENTITY: identity,
          ...ownerEnvironment(args.owner, args.former),
          ...privateWorkdir,
          // Not read by the script: the next plan continues counting from it.
          ...(generation && { GENERATION: String(generation) }),
        },
      ),
      stdin: configuration,
      // The standard output is the kubeconfig: never in a log, nor in the environment of the delete script.
      logging: command.local.Logging.None,
      addPreviousOutputInEnv: false,
    },
    {
      parent,
      additionalSecretOutputs: ["stdout"],
      customTimeouts: { create: "20m" },
      // Recorded on the child: a destroy ignores the dependencies of a component.
      dependsOn,
    },
  );
  // Whoever is root in a node could have put a program into it, which would run on the engineer's machine.
  const where = `The kubeconfig that ${tool} cluster ${clusterName} gives`;
  const context = pulumi.interpolate`${tool}-${machineName}`;
  const kubeconfig = pulumi.secret(
    pulumi.all([clusterResource.stdout, context]).apply(([text, name]) => foreignKubeconfig(text, where, name)),
  );
  const provider = new k8s.Provider(
    namePrefix,
    // The identity stands in for the kubeconfig, whose bytes are unknown in a first plan and change with every certificate.
    {
      kubeconfig,
      clusterIdentifier: namePrefix,
      ...providerSettings,
      ...(args.upsertExistingObjects && { upsertExistingObjects: true }),
      ...(args.enableConfigMapMutable && { enableConfigMapMutable: true }),
    },
    { parent, deletedWith: clusterResource },
  );
  return { machineName, clusterResource, context, kubeconfig, provider };
}

/** A name for the tool that several environments of one program can have side by side on a machine. */
function suffixed(namePrefix: string, clusterName: string, parent: pulumi.Resource): pulumi.Output<string> {
  const suffix = new random.RandomId(`${namePrefix}-suffix`, { byteLength: 3 }, { parent });
  return pulumi.interpolate`${clusterName}-${suffix.hex}`;
}
