import * as pulumi from "@pulumi/pulumi";
import type { SignedIntermediate } from "../../stacks/peer-outputs";
import type { Intermediate } from "./authorities";

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

/** The same, as a stack that takes them has them. */
export function takenOver(signed: Readonly<Record<string, SignedIntermediate>>): Map<string, Intermediate> {
  return new Map(
    Object.entries(signed).map(([cluster, { certificate, privateKey, chain, rootCertificate }]) => [
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
