import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { KindCluster } from "./kind";
import { nodesOf } from "./nodes";
import { routesFor } from "./routes";
import { runScripts } from "./script";

/**
 * Makes the pods of all kind clusters of a stack reach each other by IP: a route on every node to every pod subnet, and to
 * the service subnet, of every other cluster. Other clusters bring their own flat network along.
 */
export class FlatNetwork extends pulumi.ComponentResource {
  constructor(name: string, clusters: readonly Cluster[], opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:clusters:FlatNetwork", name, {}, opts);
    const kindClusters = clusters.filter((cluster) => cluster instanceof KindCluster);
    const reachable = new Map(
      kindClusters.map((cluster) => [
        cluster,
        nodesOf(cluster, this).apply((nodes) => ({ nodes, serviceSubnet: cluster.settings.serviceSubnet })),
      ]),
    );

    for (const [cluster, own] of reachable) {
      const others = [...reachable].filter(([other]) => other !== cluster).map(([, nodes]) => nodes);
      const routes = pulumi.all([own, pulumi.all(others)]).apply(([from, to]) => routesFor(from, to));
      new command.local.Command(
        `${cluster.scope}-routes`,
        {
          ...runScripts(
            { create: "routes.sh", delete: "routes-remove.sh" },
            {
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
