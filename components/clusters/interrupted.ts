import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Access, ApiServer, awaitDeletion, recreateInPlace } from "../../kubernetes";
import { keyOfUrn } from "../../stacks";
import { resourceHook } from "./failure-hooks";
import { releaseType, removeRecords } from "./release-records";

/** What an update that was killed has left in a cluster. */
export interface InterruptedCluster {
  /**
   * Whether the cluster's provider creates by server-side apply, which takes over what exists. It can't be limited to what was
   * found, and stays so from then on. What is not the stack's is still refused in existing clusters, before anything is declared;
   * a cluster that the stack provisions has nothing of others.
   */
  readonly upsert: boolean;
  /** What it has made and could not record, as `resourceKey` of stacks/ forms it. */
  readonly made: ReadonlySet<string>;
}

export const nothingInterrupted: InterruptedCluster = { upsert: false, made: new Set() };

/** What the provider of a cluster is told. */
export function providerUpsert({ upsert }: InterruptedCluster): { upsertExistingObjects?: true } {
  return upsert ? { upsertExistingObjects: true } : {};
}

const Release = z.object({ name: z.string(), namespace: z.string() });

/**
 * Prepares what an interrupted update has made for being created: the provider takes an object over as it would have created it, and
 * Helm installs a release again over what is there, once no record of the first installation is left. A provider that takes objects
 * over would also take one that is being deleted, which has to be gone before.
 */
export function takeOver(
  name: string,
  { made }: InterruptedCluster,
  access: () => Promise<Access>,
): pulumi.ResourceHook {
  return resourceHook(name, async ({ urn, type, newInputs }) => {
    const left = made.has(keyOfUrn(type, urn));
    const inputs = await inTheClear(newInputs);
    if (type === releaseType) {
      if (left) {
        await removeRecords(access, Release.parse(inputs), true);
      }
      return;
    }
    const server = await ApiServer.open(await access());
    await awaitDeletion(server, inputs);
    if (left) {
      await recreateInPlace(server, inputs);
    }
  });
}

/** The SDK gives hooks each secret as an output. */
function inTheClear(inputs: unknown): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve) => {
    pulumi.output(inputs as Record<string, unknown>).apply(resolve);
  });
}
