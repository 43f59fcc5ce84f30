import { X509Certificate } from "node:crypto";
import { z } from "zod";
import type { Settings } from "../../settings";
import { outputsOf, ownOutputs } from "../stacks";

/** What is known of the root that this stack trusts before anything is made. */
export type OwnRoot = { readonly certificate: string } | "yet to be made" | "unknown";

const Pem = z.string().refine(isCertificate).optional().catch(undefined);

/** Whether a text is a certificate (PEM). */
export function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

/** The root of this stack, as far as it can be known: `unknown` where someone else keeps the certificates. */
export async function ownRoot({ root }: Settings): Promise<OwnRoot> {
  switch (root.source) {
    case "existing":
      return "unknown";
    case "given":
      return { certificate: root.certificate };
    case "stack": {
      const keeper = await outputsOf(root.stack, "root.stack");
      const certificate = Pem.parse(keeper?.["rootCertificate"]);
      return certificate === undefined ? "unknown" : { certificate };
    }
    case "generate": {
      const certificate = Pem.parse((await ownOutputs())["rootCertificate"]);
      return certificate === undefined ? "yet to be made" : { certificate };
    }
  }
}

/** Why a stack that trusts a root (PEM) can't share a mesh with this one: a sentence, none when it can or nobody knows. */
export function rootDisagreement(own: OwnRoot, stack: string, theirs: string | undefined): string[] {
  if (theirs === undefined || own === "unknown" || (own !== "yet to be made" && sameRoot(own.certificate, theirs))) {
    return [];
  }
  return [
    `${stack} trusts another root than this stack, so no call between them would be accepted: let one stack keep the root ` +
      "(issueFor in its root setting) and the others take it (root.stack).",
  ];
}

/** By the key: a root that was renewed has another certificate, and is still the same root. */
function sameRoot(ours: string, theirs: string): boolean {
  return new X509Certificate(ours).publicKey.equals(new X509Certificate(theirs).publicKey);
}
