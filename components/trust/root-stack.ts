import * as pulumi from "@pulumi/pulumi";
import { PreconditionError } from "../../settings";
import { intermediatesFor, peerOutputs } from "../../stacks/peer-outputs/index";
import type { Intermediate } from "./authority";

/**
 * What a stack that keeps the root hands to the stacks whose clusters it signed for: never the root's own key. By cluster, a
 * secret each: who takes one out of the outputs, to hand it on, has no other in it.
 */
export function handover(intermediates: ReadonlyMap<string, Intermediate>): Record<string, pulumi.Output<unknown>> {
  return Object.fromEntries(
    [...intermediates].map(([cluster, { certificate, privateKey, chain, rootCertificate }]) => [
      cluster,
      pulumi.secret({ certificate, privateKey, chain, rootCertificate }),
    ]),
  );
}

/**
 * The intermediates that the stack which keeps the root has signed for `clusters`.
 *
 * @throws PreconditionError when that stack has no root, or none of them for a cluster, with what to do there; and when one of them is no
 * authority of the root that it comes with.
 */
export async function intermediatesOf(
  stackName: string,
  clusters: readonly string[],
): Promise<Map<string, Intermediate>> {
  const told = await peerOutputs(stackName, "root.stack");
  if (told === undefined || Object.keys(told.outputs).length === 0) {
    throw new PreconditionError(
      `root.stack: stack ${stackName} has no root of trust: it was not deployed yet, it was destroyed, or there is none of that ` +
        "name. Nothing was changed; the clusters go on with the certificates that they have. Correct the name, or run pulumi up " +
        "on that stack, and then repeat this one. If it was destroyed, bring its root back first, or another one takes its " +
        "place.",
      "docs/day-2.md#the-stack-that-keeps-the-root-is-gone",
    );
  }
  const signed = intermediatesFor(told, "root.stack", clusters);
  const missing = clusters.filter((cluster) => !signed.has(cluster));
  if (missing.length > 0) {
    throw new PreconditionError(
      `root.stack: stack ${stackName} has signed no intermediate for ${missing.join(", ")}. Add what is missing to issueFor ` +
        "in the root setting there and run pulumi up on it, then repeat this one.",
      "docs/several-stacks.md#the-root-of-trust",
    );
  }
  return new Map(
    [...signed].map(([cluster, { certificate, privateKey, chain, rootCertificate }]) => [
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
