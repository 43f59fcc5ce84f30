import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../clusters";
import { clearPending } from "./pending";

/** Where a release takes its chart from. */
export interface ChartReference {
  /** An OCI URL, or the path of a packaged chart. */
  readonly chart: string;
  readonly version: string;
}

export interface ReleaseArgs {
  readonly name: string;
  readonly namespace: string;
  readonly chart: ChartReference;
  /** Plain JSON, with secrets where they are. */
  readonly values: pulumi.Input<Record<string, pulumi.Input<unknown>>>;
  /** What has to hold before it is made. */
  readonly beforeCreate?: readonly pulumi.ResourceHook[];
  /** What has to hold before it is changed. */
  readonly beforeUpdate?: readonly pulumi.ResourceHook[];
  /** How long it may take until its pods are ready; ten minutes if left out. */
  readonly timeoutSeconds?: number;
}

/** A Helm release that mends itself: one that failed or was interrupted stands in no way of the next `up`. */
export class Release extends k8s.helm.v3.Release {
  constructor(
    cluster: Cluster,
    { chart, beforeCreate = [], beforeUpdate = [], timeoutSeconds = 600, ...args }: ReleaseArgs,
    opts: pulumi.CustomResourceOptions,
  ) {
    const name = `${cluster.scope}-${args.name}`;
    const hooks = [clearPending(name, cluster)];
    super(
      name,
      // Atomic: a failed upgrade leaves parts behind that the next one would not know of.
      { ...args, ...chart, timeout: timeoutSeconds, atomic: true },
      { ...opts, hooks: { beforeCreate: [...beforeCreate, ...hooks], beforeUpdate: [...beforeUpdate, ...hooks] } },
    );
  }
}
