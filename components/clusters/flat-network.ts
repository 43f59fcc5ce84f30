import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { readScript, runScripts } from "../script";
import { nodesCommand } from "./machine-commands";
import { nodesIn } from "./nodes";
import { ownerEnvironment } from "./ownership";
import { repairedEnvironment, type Repairs } from "./repairs";
import { type Reachable, routesFor } from "./routes";

/** A kind cluster of another stack on this machine. */
export interface Neighbour {
  /** Name in the mesh. */
  readonly name: string;
  /** The name that kind knows it by. */
  readonly machineName: string;
  /** The identifier of that stack; the names of project and stack, `<project>/<stack>`, if version 0.1 deployed it. */
  readonly owner: string;
  /** CIDR of its pods' addresses. */
  readonly podSubnet: string;
  /** CIDR of its Services' addresses. */
  readonly serviceSubnet: string;
}

/** A kind cluster of the stack. */
export interface FlatNetworkClusterArgs {
  /** Name in the mesh. */
  readonly name: string;
  /** What the Pulumi name of its routes begins with: see {@link Cluster.namePrefix}. */
  readonly namePrefix: string;
  /** The name that kind knows it by. */
  readonly machineName: pulumi.Input<string>;
  /** The identifier of the stack: 16 hexadecimal digits. */
  readonly owner: pulumi.Input<string>;
  /** CIDR of its pods' addresses. */
  readonly podSubnet: string;
  /** CIDR of its Services' addresses. */
  readonly serviceSubnet: string;
  /** What provisions it; its routes are deleted with it. Not recorded: a resource is not data. */
  readonly clusterResource: pulumi.Resource;
}

export interface FlatNetworkArgs {
  readonly clusters: readonly FlatNetworkClusterArgs[];
  readonly neighbours: readonly Neighbour[];
  /** What nodes.sh printed for existing clusters, by name prefix; the others are created first. */
  readonly nodes: Readonly<Record<string, string>>;
  /** The same for neighbours, by their names. */
  readonly neighbourNodes: Readonly<Record<string, string>>;
  /** Whether some of them can't be seen from here: routes stay as the state has them. */
  readonly keepRoutes: boolean;
  /** What nodes have lost. Not recorded: the children show it. */
  readonly repairs?: Repairs;
}

/**
 * Makes the pods of all kind clusters of a machine reach each other by IP: a route on every node of the stack's own to
 * every pod subnet, and to the service subnet, of every other cluster, including those of peer stacks, which
 * take care of the way back. On these routes pods keep their own addresses. Clusters that are not kind's bring their own flat network.
 */
export class FlatNetwork extends pulumi.ComponentResource {
  constructor(name: string, args: FlatNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    // What is read of the machine's nodes is not recorded: the routes show the result.
    super(
      "flatmesh:clusters:FlatNetwork",
      name,
      { clusters: args.clusters.map(recorded), neighbours: args.neighbours },
      opts,
    );
    const ownNodes = new Map(args.clusters.map((cluster) => [cluster, this.reachable(cluster, args.nodes)]));
    const otherNodes = args.neighbours.map((neighbour): Reachable => {
      const nodes = nodesIn(args.neighbourNodes[neighbour.name] ?? "", neighbour, this);
      return { nodes, serviceSubnet: neighbour.serviceSubnet };
    });

    for (const [cluster, own] of ownNodes) {
      const others = [...ownNodes].filter(([other]) => other !== cluster).map(([, nodes]) => nodes);
      const routes = pulumi
        .all([own, pulumi.all(others)])
        .apply(([from, to]) => routesFor(from, [...to, ...otherNodes]));
      const resource = `${cluster.namePrefix}-routes`;
      new command.local.Command(
        resource,
        {
          ...runScripts(
            { create: "clusters/routes.sh", delete: "clusters/routes-remove.sh" },
            {
              ...ownerEnvironment(cluster.owner),
              ...repairedEnvironment(args.repairs, resource),
              NODE_NETWORK: readScript("clusters/node-network.sh"),
              POD_SUBNET: cluster.podSubnet,
              NODES: own.apply(({ nodes }) => nodes.map(({ name: node }) => node).join(" ")),
              // Not read by the script: a restarted node may have another address, and this makes the plan show it.
              STARTED: own.apply(({ nodes }) => nodes.map(({ startedAt }) => startedAt).join(" ")),
            },
          ),
          stdin: routes.apply((list) =>
            list.map(({ node, destination, via, by }) => `${node} ${destination} ${via} ${by}\n`).join(""),
          ),
          addPreviousOutputInEnv: false,
        },
        {
          parent: this,
          deletedWith: cluster.clusterResource,
          ignoreChanges: args.keepRoutes ? ["stdin", "environment.NODES", "environment.STARTED"] : [],
        },
      );
    }
    this.registerOutputs();
  }

  /** The nodes of an existing cluster are known; those of a new one are looked up once it is created. */
  private reachable(cluster: FlatNetworkClusterArgs, known: FlatNetworkArgs["nodes"]): pulumi.Output<Reachable> {
    const { podSubnet, serviceSubnet } = cluster;
    const printed =
      known[cluster.namePrefix] ??
      command.local.runOutput(nodesCommand(cluster), { parent: this, dependsOn: [cluster.clusterResource] }).stdout;
    return pulumi
      .output(printed)
      .apply((text): Reachable => ({ nodes: nodesIn(text, { name: cluster.name, podSubnet }, this), serviceSubnet }));
  }
}

/** What is recorded of a cluster. */
function recorded(cluster: FlatNetworkClusterArgs): Omit<FlatNetworkClusterArgs, "clusterResource"> {
  const { name, namePrefix, machineName, owner, podSubnet, serviceSubnet } = cluster;
  return { name, namePrefix, machineName, owner, podSubnet, serviceSubnet };
}
