import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
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
 * @throws pulumi.RunError (by the outputs) when that stack has none for a cluster, with what to set there.
 */
export function intermediatesOf(stackName: string, clusters: readonly string[]): Map<string, Intermediate> {
  const reference = new pulumi.StackReference(stackName);
  const signed = pulumi.secret(reference.getOutput("intermediates"));
  return new Map(
    clusters.map((cluster) => {
      const intermediate = signed.apply((value) => {
        const found = Handover.safeParse(value).data?.[cluster];
        if (found === undefined) {
          throw new pulumi.RunError(
            `root.stack: stack ${stackName} has signed no intermediate for cluster ${cluster}. Add ${cluster} to ` +
              "root.generate.issueFor there and run pulumi up on it, then repeat this one.",
          );
        }
        return found;
      });
      return [
        cluster,
        {
          certificate: pulumi.unsecret(intermediate.certificate),
          privateKey: intermediate.privateKey,
          chain: pulumi.unsecret(intermediate.chain),
          rootCertificate: pulumi.unsecret(intermediate.rootCertificate),
        },
      ];
    }),
  );
}
