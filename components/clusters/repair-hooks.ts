import * as pulumi from "@pulumi/pulumi";
import { inform } from "../../diagnostics";
import { type Access, ApiServer, carryOut, reasonOf, type RepairAction } from "../../kubernetes";
import { resourceKey } from "../../stacks";
import { resourceHook } from "./failure-hooks";
import { releaseType } from "./release-records";
import { pendingAnnotation, type Repair, type Repairs, repairedAnnotation } from "./repairs";

export interface RepairsArgs {
  readonly clusterName: string;
  readonly access: () => Promise<Access>;
  readonly repairs: Repairs;
}

/**
 * Has the resources of a cluster that have drifted show an update with the reason, and a hook put them back right before it. It
 * keeps the reason of an earlier repair, without which each plan would show a change.
 */
export function withRepairs({ clusterName, access, repairs }: RepairsArgs): pulumi.ResourceTransformation {
  const preview = pulumi.runtime.isDryRun();
  return ({ type, name, props, opts }) => {
    const key = resourceKey(type, name);
    const repair = type.startsWith("kubernetes:") ? repairs[key] : undefined;
    if (repair === undefined) {
      return undefined;
    }
    if (repair.notice !== undefined) {
      inform(repair.notice);
    }
    const repaired = type === releaseType ? described(props, repair) : annotated(props, repair, preview);
    if (repair.actions.length === 0) {
      return { props: repaired, opts };
    }
    const { hooks } = opts as pulumi.CustomResourceOptions;
    const hook = repairHook(`${key}-repair`, clusterName, access, repair.actions);
    const beforeUpdate = [hook, ...(hooks?.beforeUpdate ?? [])];
    return { props: repaired, opts: { ...opts, hooks: { ...hooks, beforeUpdate } } };
  };
}

function repairHook(
  name: string,
  clusterName: string,
  access: () => Promise<Access>,
  actions: readonly RepairAction[],
): pulumi.ResourceHook {
  return resourceHook(name, async () => {
    try {
      await carryOut(await ApiServer.open(await access()), actions);
    } catch (error) {
      throw new Error(`Cluster ${clusterName}: ${reasonOf(error)}`);
    }
  });
}

function described(props: pulumi.Inputs, { reason }: Repair): pulumi.Inputs {
  return { ...props, description: reason };
}

function annotated(props: pulumi.Inputs, { reason, actions }: Repair, preview: boolean): pulumi.Inputs {
  const pending = preview && actions.length > 0;
  const added = {
    [repairedAnnotation]: reason,
    ...(pending && { [pendingAnnotation]: pulumi.output(pulumi.unknown) }),
  };
  const metadata = extended(props["metadata"], (given) => ({
    ...given,
    annotations: extended(given["annotations"], (annotations) => ({ ...annotations, ...added })),
  }));
  return pending ? { ...withData(props), metadata } : { ...props, metadata };
}

/** The plugin does this itself unless something is unknown; its plan would then show that a Secret's data changes. */
function withData({ stringData, ...props }: pulumi.Inputs): pulumi.Inputs {
  const encode = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
  return stringData === undefined
    ? props
    : { ...props, data: pulumi.output(stringData as pulumi.Input<Record<string, string>>).apply(encode) };
}

/** An input with more in it: what is known of it stays known. */
function extended(
  input: unknown,
  extend: (given: Readonly<Record<string, unknown>>) => Record<string, unknown>,
): unknown {
  const given = (value: unknown) => extend((value ?? {}) as Record<string, unknown>);
  return pulumi.Output.isInstance(input) || input instanceof Promise ? pulumi.output(input).apply(given) : given(input);
}
