import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import { type Cluster, ensureNamespace, inside } from "../clusters";
import { Client } from "./client";
import { GlobalService } from "./global-service";
import { demoNamespace } from "./workload";

export interface DemoArgs {
  readonly distribution: Settings["distribution"];
  /** What the cluster's pods of the global service answer with: v1, v2 and so on. */
  readonly version: string;
  /** Whether the service and its client stand there a second time, with sidecars. */
  readonly sidecars: boolean;
}

/** A service that pods of all clusters answer, and a client to call it with, in namespace `demo` of one cluster. */
export class Demo extends pulumi.ComponentResource {
  constructor(cluster: Cluster, args: DemoArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:demo:Demo", `${cluster.scope}-demo`, {}, inside(cluster, opts));
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    const namespace = ensureNamespace(
      cluster,
      demoNamespace,
      { "istio.io/dataplane-mode": "ambient" },
      { parent: this, dependsOn },
    );
    const inNamespace = { parent: this, dependsOn: namespace };
    const { distribution, version } = args;
    for (const sidecar of args.sidecars ? [false, true] : [false]) {
      new GlobalService(cluster.scope, { distribution, version, sidecar }, inNamespace);
      new Client(cluster.scope, { sidecar }, inNamespace);
    }
    this.registerOutputs();
  }
}
