import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Refusal } from "../../settings";
import { outputsOf } from "../stacks";
import type { Intermediate } from "./authority";

const Handover = z.record(
  z.string(),
  z.object({ certificate: z.string(), privateKey: z.string(), chain: z.string(), rootCertificate: z.string() }),
);

/** What a stack that keeps the root hands to the stacks whose clusters it signed for: never the root's own key. */
export function handover(intermediates: ReadonlyMap<string, Intermediate>): pulumi.Output<unknown> {
  const byCluster = [...intermediates].map(([cluster, { certificate, privateKey, chain, rootCertificate }]) => [
    cluster,
    { certificate, privateKey, chain, rootCertificate },
  ]);
  return pulumi.secret(Object.fromEntries(byCluster));
}

/**
 * The intermediates that the stack which keeps the root has signed for `clusters`.
 *
 * @throws Refusal when that stack has no root, or none of them for a cluster, with what to do there.
 */
export async function intermediatesOf(
  stackName: string,
  clusters: readonly string[],
): Promise<Map<string, Intermediate>> {
  const outputs = (await outputsOf(stackName, "root.stack")) ?? {};
  if (Object.keys(outputs).length === 0) {
    throw new Refusal(
      `root.stack: stack ${stackName} has no root of trust: it was not deployed yet, it was destroyed, or there is none of that ` +
        "name. Nothing was changed; the clusters go on with the certificates that they have. Correct the name, or run pulumi up " +
        "on that stack, and then repeat this one. If it was destroyed, bring its root back first, or another one takes its " +
        'place (README: "The stack that keeps the root is gone").',
    );
  }
  const signed = Handover.safeParse(outputs["intermediates"]).data ?? {};
  const missing = clusters.filter((cluster) => signed[cluster] === undefined);
  if (missing.length > 0) {
    throw new Refusal(
      `root.stack: stack ${stackName} has signed no intermediate for ${missing.join(", ")}. Add what is missing to issueFor ` +
        "in the root setting there and run pulumi up on it, then repeat this one.",
    );
  }
  return new Map(
    Object.entries(signed)
      .filter(([cluster]) => clusters.includes(cluster))
      .map(([cluster, { certificate, privateKey, chain, rootCertificate }]) => [
        cluster,
        {
          certificate: pulumi.output(certificate),
          privateKey: pulumi.secret(privateKey),
          chain: pulumi.output(chain),
          rootCertificate: pulumi.output(rootCertificate),
        },
      ]),
  );
}
