import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { KindCluster } from "./kind";
import { type NodesArgs, nodesOf } from "./nodes";
import { type Reachable, routesFor } from "./routes";
import { ownerEnvironment } from "./ownership";
import { runScripts } from "./script";

/** A kind cluster that another stack has made on this machine. */
export interface Neighbour extends Pick<NodesArgs, "name" | "podSubnet"> {
  readonly machineName: string;
  /** The identifier of that stack; the names of project and stack, `<project>/<stack>`, where version 0.1 has deployed it. */
  readonly owner: string;
  /** CIDR. */
  readonly serviceSubnet: string;
}

/**
 * Makes the pods of all kind clusters of a machine reach each other by IP: a route on every node of the stack's own to
 * every pod subnet, and to the service subnet, of every other cluster, those of peer stacks included, which see to the way
 * back. Clusters that nobody makes with kind bring their flat network along.
 */
export class FlatNetwork extends pulumi.ComponentResource {
  constructor(
    name: string,
    clusters: readonly Cluster[],
    neighbours: readonly Neighbour[] = [],
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("flatmesh:clusters:FlatNetwork", name, {}, opts);
    const kindClusters = clusters.filter((cluster) => cluster instanceof KindCluster);
    const reachable = (cluster: NodesArgs, serviceSubnet: string) =>
      nodesOf(cluster, this).apply((nodes): Reachable => ({ nodes, serviceSubnet }));
    const ownNodes = new Map(
      kindClusters.map((cluster) => {
        const { name, machineName, owner, madeBy } = cluster;
        const { podSubnet, serviceSubnet } = cluster.settings;
        return [cluster, reachable({ name, machineName, owner, podSubnet, madeBy }, serviceSubnet)];
      }),
    );
    const otherNodes =
      kindClusters.length > 0 ? neighbours.map((neighbour) => reachable(neighbour, neighbour.serviceSubnet)) : [];

    for (const [cluster, own] of ownNodes) {
      const others = [...ownNodes].filter(([other]) => other !== cluster).map(([, nodes]) => nodes);
      const routes = pulumi
        .all([own, pulumi.all([...others, ...otherNodes])])
        .apply(([from, to]) => routesFor(from, to));
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
        { parent: this, deletedWith: cluster.madeBy },
      );
    }
    this.registerOutputs();
  }
}
