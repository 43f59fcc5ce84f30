import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { foreignKubeconfig } from "../../kubernetes";
import type { MadeCluster } from "../../settings";
import { type Cluster, nothingPreexisting, providerSettings } from "./cluster";
import { type Generation, identityOf, scopeOf } from "./identity";
import { machineName } from "./names";
import { formerOf, ownerEnvironment, type RecordedOwnership } from "./ownership";
import { privateWorkdir, runScripts } from "./script";

export interface MadeClusterArgs<Settings extends MadeCluster> {
  readonly cluster: Settings & Generation;
  /** Whether its name on this machine gets a random suffix. */
  readonly uniqueName: boolean;
  /** The identifier of the stack as its owner (see ownership.ts). */
  readonly owner: pulumi.Output<string>;
  /** What the stack's state tells of its clusters before this update. */
  readonly recorded: RecordedOwnership;
}

interface Recipe {
  /** Names the two scripts beside this file, `<tool>-create.sh` and `<tool>-delete.sh`. */
  readonly tool: "kind" | "kwok";
  /** What the create script reads from its standard input. */
  readonly configuration: pulumi.Input<string>;
  /** What the tool puts before a cluster's name to make its kubeconfig context. */
  readonly contextPrefix: string;
}

/** A cluster that the stack makes by a command-line tool, and takes away again. */
export abstract class ToolMadeCluster<Settings extends MadeCluster>
  extends pulumi.ComponentResource
  implements Cluster
{
  readonly name: string;
  readonly scope: string;
  readonly settings: Settings;
  readonly preexisting = nothingPreexisting;
  readonly kubeconfig: pulumi.Output<string>;
  readonly context: pulumi.Output<string>;
  readonly provider: k8s.Provider;
  readonly madeBy: command.local.Command;
  /** The name that the tool knows it by. */
  readonly machineName: pulumi.Output<string>;
  /** The identifier of its owner. */
  readonly owner: pulumi.Output<string>;
  abstract readonly peerServer: pulumi.Output<string>;

  protected constructor(
    type: string,
    args: MadeClusterArgs<Settings>,
    recipe: (identity: string) => Recipe,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const identity = identityOf(args.cluster);
    const scope = scopeOf(args.cluster);
    super(type, scope, {}, opts);
    this.name = args.cluster.name;
    this.scope = scope;
    this.settings = args.cluster;
    this.machineName = machineName(scope, args.cluster.name, args.uniqueName, this);
    this.owner = args.owner;

    const { generation } = args.cluster;
    const { tool, configuration, contextPrefix } = recipe(identity);
    this.madeBy = new command.local.Command(
      scope,
      {
        ...runScripts(
          { create: `${tool}-create.sh`, delete: `${tool}-delete.sh` },
          {
            NAME: this.machineName,
            IDENTITY: identity,
            ...ownerEnvironment(
              args.owner,
              formerOf(args.recorded, scope, args.uniqueName ? undefined : args.cluster.name),
            ),
            ...privateWorkdir,
            // Not read by the script: the next plan counts on from it.
            ...(generation && { GENERATION: String(generation) }),
          },
        ),
        stdin: configuration,
        // The standard output is the kubeconfig: never in a log, nor in the environment of the delete script.
        logging: command.local.Logging.None,
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        additionalSecretOutputs: ["stdout"],
        customTimeouts: { create: "20m" },
        // Recorded on the child: the dependencies of a component alone say nothing to a destroy.
        ...(opts?.dependsOn && { dependsOn: opts.dependsOn }),
      },
    );
    // Whoever is root in a node can have written a program into it, which would run on the engineer's machine.
    const where = `The kubeconfig that ${tool} cluster ${this.name} gives`;
    this.context = pulumi.interpolate`${contextPrefix}${this.machineName}`;
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([this.madeBy.stdout, this.context])
        .apply(([text, context]) => foreignKubeconfig(text, where, context)),
    );
    this.provider = new k8s.Provider(
      scope,
      // The identity stands in for the kubeconfig, whose bytes are unknown in a first plan and change with every certificate.
      { kubeconfig: this.kubeconfig, clusterIdentifier: scope, ...providerSettings },
      { parent: this, deletedWith: this.madeBy },
    );
  }
}
