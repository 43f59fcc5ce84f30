import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type LayeredValue, merged, programLayer, secretTexts, valuesOf } from "../chart-values";
import type { ChartReference } from "../registry";
import { hookAccess, removeRecords, type TargetClusterArgs } from "./clusters";
import { releaseFailures, ReleaseInputs } from "./release-failures";
import type { ReleaseName } from "./release-watch";

/** What a release's chart is pulled with. */
export interface ReleaseRegistry {
  readonly username: string;
  /** A secret. */
  readonly password: string;
  /** The authority of the registry's certificate: a PEM file, by the same path for everybody. */
  readonly caFile?: string;
}

export interface HelmReleaseArgs {
  /** The cluster that it is installed into. */
  readonly cluster: Pick<TargetClusterArgs, "clusterName" | "existingCluster" | "access">;
  /** Helm's name of the release. */
  readonly name: string;
  readonly namespace: string;
  readonly chart: ChartReference;
  /** How the registry of the chart is asked; absent for everybody's own login. */
  readonly registry?: ReleaseRegistry;
  /** Plain JSON, with secrets where they are. */
  readonly values: Record<string, pulumi.Input<unknown>>;
  /** What the settings put over these values. */
  readonly ownValues?: readonly LayeredValue[];
  /** What has to hold before it is created. */
  readonly beforeCreate?: readonly pulumi.ResourceHook[];
  /** What has to hold before it is updated. */
  readonly beforeUpdate?: readonly pulumi.ResourceHook[];
  /** Texts among the values that are shown to nobody, should something quote them. */
  readonly secrets?: readonly pulumi.Input<string>[];
  /** How long it may take until its pods are ready; ten minutes if left out. */
  readonly timeoutSeconds?: number;
}

/**
 * A Helm release that recovers by itself: a failed or interrupted one does not block the next `up`. If it fails, it says why, and
 * it is retried where an API server has a temporary problem.
 */
export function helmRelease(
  name: string,
  args: HelmReleaseArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  const { cluster, chart, registry, ownValues = [], beforeCreate = [], beforeUpdate = [], ...others } = args;
  const { values, secrets: given = [], timeoutSeconds = 600, ...release } = others;
  const secrets = [...given, ...secretTexts(ownValues), ...(registry === undefined ? [] : [registry.password])];
  const { clusterName } = cluster;
  const access = hookAccess(clusterName, cluster.access);
  const clear = (which: ReleaseName, first: boolean) => removeRecords(access, which, first && !cluster.existingCluster);
  const { watch, done, onError } = releaseFailures(name, { clusterName, access, clear, secrets });
  const hooks = [clearPending(`${name}-clear-pending`, cluster), watch];
  return new k8s.helm.v3.Release(
    name,
    // Atomic: a failed upgrade would leave parts behind that the next one does not know.
    {
      ...release,
      ...chart,
      ...(registry && { repositoryOpts: { ...registry, password: pulumi.secret(registry.password) } }),
      values: releaseValues(values, ownValues),
      timeout: timeoutSeconds,
      atomic: true,
    },
    {
      ...opts,
      hooks: {
        beforeCreate: [...beforeCreate, ...hooks],
        beforeUpdate: [...beforeUpdate, ...hooks],
        afterCreate: [done],
        afterUpdate: [done],
        onError: [onError],
      },
    },
  );
}

/** Values with those of the settings over them; what is encrypted in the settings is a secret here. */
function releaseValues(values: HelmReleaseArgs["values"], own: readonly LayeredValue[]): HelmReleaseArgs["values"] {
  return own.length === 0
    ? values
    : valuesOf(merged([...programLayer(values), ...own]), ({ value, secret }) =>
        secret ? pulumi.secret(value) : value,
      );
}

/**
 * Before a release is created or updated: removes the record of an attempt that was killed. Helm refuses a release whose last
 * revision is still pending ("another operation is in progress", "cannot re-use a name"), for ever, though nothing works on
 * it any more: the stack's lock allows one `up` at a time. In a cluster that the stack provisions, a finished record that the stack
 * does not know was left by a killed engine; in other clusters it is someone's release, and stays, unless preflight has found that
 * an interrupted update has left it.
 */
export function clearPending(name: string, cluster: HelmReleaseArgs["cluster"]): pulumi.ResourceHook {
  const access = hookAccess(cluster.clusterName, cluster.access);
  return new pulumi.ResourceHook(name, async ({ newInputs, oldInputs }) => {
    await removeRecords(access, ReleaseInputs.parse(newInputs), oldInputs === undefined && !cluster.existingCluster);
  });
}
