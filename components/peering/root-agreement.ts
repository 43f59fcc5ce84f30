import { X509Certificate } from "node:crypto";
import { z } from "zod";
import type { Settings } from "../../settings";
import { outputsOf, ownOutputs } from "../stacks";
import type { Kept } from "../trust";

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

/** The root of this stack, as far as it can be known. What somebody else keeps is known where it could be looked at. */
export async function ownRoot({ root }: Settings, { rootCertificate }: Kept): Promise<OwnRoot> {
  switch (root.source) {
    case "existing":
      return rootCertificate !== undefined && isCertificate(rootCertificate)
        ? { certificate: rootCertificate }
        : "unknown";
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

/** A stack's word on the root that its clusters trust. */
export interface PeerRoot {
  /** Full name of the stack. */
  readonly name: string;
  /** PEM; absent where nobody knows. */
  readonly rootCertificate?: string;
  /** Full name of the stack that keeps the root, where it is another one. */
  readonly rootStack?: string;
}

/** What is to be said of a stack that trusts another root than this one. */
export interface RootDisagreement {
  /** Whether it takes its root from where this stack does, and only has an older one yet. */
  readonly stale: boolean;
  readonly message: string;
}

/**
 * Compares the root of another stack with this one's.
 *
 * @param keeper Full name of the stack that keeps this one's root: the stack itself, or the one that it takes it from.
 * @returns undefined when they agree, or nobody knows.
 */
export function rootDisagreement(own: OwnRoot, keeper: string, theirs: PeerRoot): RootDisagreement | undefined {
  const { name, rootCertificate, rootStack } = theirs;
  if (
    rootCertificate === undefined ||
    own === "unknown" ||
    (own !== "yet to be made" && sameRoot(own.certificate, rootCertificate))
  ) {
    return undefined;
  }
  return rootStack === keeper || name === keeper
    ? {
        stale: true,
        message:
          `${name} still trusts an older root of ${keeper}, so no call between it and this stack is accepted yet: run ` +
          "pulumi up on it.",
      }
    : {
        stale: false,
        message:
          `${name} trusts another root than this stack, so no call between them would be accepted: let one stack keep the ` +
          "root (issueFor in its root setting) and the others take it (root.stack).",
      };
}

/** By the keys: a root that was renewed has another certificate, and is still the same root. */
function sameRoot(ours: string, theirs: string): boolean {
  const trusted = certificates(theirs);
  return certificates(ours).some((one) => trusted.some((other) => one.publicKey.equals(other.publicKey)));
}

/** Several where a root is being replaced by another: both are trusted for a while. */
function certificates(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );
}
