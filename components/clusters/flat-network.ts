import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { KindCluster } from "./kind";
import { nodesCommand } from "./machine-commands";
import { nodesIn } from "./nodes";
import { ownerEnvironment } from "./ownership";
import { type Reachable, routesFor } from "./routes";
import { runScripts } from "./script";

/** A kind cluster that another stack has made on this machine. */
export interface Neighbour {
  /** Name in the mesh. */
  readonly name: string;
  /** The name that kind knows it by. */
  readonly machineName: string;
  /** The identifier of that stack; the names of project and stack, `<project>/<stack>`, where version 0.1 has deployed it. */
  readonly owner: string;
  /** CIDR that its pods' addresses are of. */
  readonly podSubnet: string;
  /** CIDR that its Services' addresses are of. */
  readonly serviceSubnet: string;
}

export interface FlatNetworkArgs {
  readonly clusters: readonly Cluster[];
  readonly neighbours: readonly Neighbour[];
  /** What nodes.sh has printed of clusters that stand, by what their resources begin with: others are made first. */
  readonly nodes: Readonly<Record<string, string>>;
  /** The same of neighbours, by their names. */
  readonly neighbourNodes: Readonly<Record<string, string>>;
  /** Whether some of them can't be seen from here: routes stay as the state has them. */
  readonly keepRoutes: boolean;
}

/**
 * Makes the pods of all kind clusters of a machine reach each other by IP: a route on every node of the stack's own to
 * every pod subnet, and to the service subnet, of every other cluster, those of peer stacks included, which see to the way
 * back. Clusters that nobody makes with kind bring their flat network along.
 */
export class FlatNetwork extends pulumi.ComponentResource {
  constructor(name: string, args: FlatNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:clusters:FlatNetwork", name, {}, opts);
    const kindClusters = args.clusters.filter((cluster) => cluster instanceof KindCluster);
    const ownNodes = new Map(kindClusters.map((cluster) => [cluster, this.reachable(cluster, args.nodes)]));
    const otherNodes = args.neighbours.map((neighbour): Reachable => {
      const nodes = nodesIn(args.neighbourNodes[neighbour.name] ?? "", neighbour, this);
      return { nodes, serviceSubnet: neighbour.serviceSubnet };
    });

    for (const [cluster, own] of ownNodes) {
      const others = [...ownNodes].filter(([other]) => other !== cluster).map(([, nodes]) => nodes);
      const routes = pulumi
        .all([own, pulumi.all(others)])
        .apply(([from, to]) => routesFor(from, [...to, ...otherNodes]));
      new command.local.Command(
        `${cluster.scope}-routes`,
        {
          ...runScripts(
            { create: "routes.sh", delete: "routes-remove.sh" },
            {
              ...ownerEnvironment(cluster.owner),
              NODES: own.apply(({ nodes }) => nodes.map(({ name: node }) => node).join(" ")),
              // Not read by the script: a restarted node has lost its routes, and this is what shows it in a plan.
              STARTED: own.apply(({ nodes }) => nodes.map(({ startedAt }) => startedAt).join(" ")),
            },
          ),
          stdin: routes.apply((list) =>
            list.map(({ node, destination, via }) => `${node} ${destination} ${via}\n`).join(""),
          ),
          addPreviousOutputInEnv: false,
        },
        {
          parent: this,
          deletedWith: cluster.madeBy,
          ignoreChanges: args.keepRoutes ? ["stdin", "environment.NODES", "environment.STARTED"] : [],
        },
      );
    }
    this.registerOutputs();
  }

  /** The nodes of a cluster that stands are known; those of one that is yet to be made are looked up once it is. */
  private reachable(cluster: KindCluster, known: FlatNetworkArgs["nodes"]): pulumi.Output<Reachable> {
    const { podSubnet, serviceSubnet } = cluster.settings;
    const printed =
      known[cluster.scope] ??
      command.local.runOutput(nodesCommand(cluster), { parent: this, dependsOn: [cluster.madeBy] }).stdout;
    return pulumi
      .output(printed)
      .apply((text): Reachable => ({ nodes: nodesIn(text, { name: cluster.name, podSubnet }, this), serviceSubnet }));
  }
}
