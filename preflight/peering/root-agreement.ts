import type { X509Certificate } from "node:crypto";
import { certificatesIn, isCertificate, keyOf } from "../../certificates";
import type { ExternalRoot, Roots } from "../../components/trust";

/** The roots that this stack will trust and sign with, as far as that is known before anything is made. */
export type OwnRoots = Roots | "unknown";

/** What somebody else keeps is known where it could be looked at. */
export function ownRoots(
  desired: Roots | undefined,
  { rootCertificate }: Pick<ExternalRoot, "rootCertificate">,
): OwnRoots {
  if (rootCertificate !== undefined && isCertificate(rootCertificate)) {
    return { trusted: new Map([[external, rootCertificate]]), signing: external };
  }
  return desired ?? "unknown";
}

/** Stands for all roots that somebody else keeps: which one signs is theirs to know. */
const external = "external";

/** A stack's word on the roots that its clusters trust. */
export interface PeerRoot {
  /** Full name of the stack. */
  readonly name: string;
  /** Absent where nobody knows. */
  readonly roots?: Roots;
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
 * Compares the roots of another stack with this one's: what signs in one of them has to be trusted in the other.
 *
 * @param keeper Full name of the stack that keeps this one's root: the stack itself, or the one that it takes it from.
 * @returns undefined when they agree, or nobody knows.
 */
export function rootDisagreement(own: OwnRoots, keeper: string, peer: PeerRoot): RootDisagreement | undefined {
  const { name, roots, rootStack } = peer;
  if (roots === undefined || own === "unknown" || (accepts(own, roots) && accepts(roots, own))) {
    return undefined;
  }
  const stale = rootStack === keeper || name === keeper;
  if (shareRoot(trusted(own), trusted(roots))) {
    return {
      stale,
      message:
        `${name} and this stack both trust a root, but one of them signs with another one that the other does not trust, so ` +
        "their calls are not accepted: the stacks have skipped a stage of replacing the root. Let both trust both roots " +
        "first (pulumi up on each), and then sign with the new one.",
    };
  }
  return stale
    ? {
        stale,
        message:
          `${name} still trusts an older root of ${keeper}, so no call between it and this stack is accepted yet: run ` +
          "pulumi up on it.",
      }
    : {
        stale,
        message:
          `${name} trusts another root than this stack, so no call between them would be accepted: let one stack keep the ` +
          "root (issueFor in its root setting) and the others take it (root.stack).",
      };
}

/** Whether one stack's clusters accept what the other's sign. */
function accepts(one: Roots, other: Roots): boolean {
  return shareRoot(trusted(one), certificatesIn(other.trusted.get(other.signing)));
}

function trusted({ trusted: roots }: Roots): X509Certificate[] {
  return [...roots.values()].flatMap(certificatesIn);
}

/** By the keys: a root that was renewed has another certificate, and is still the same root. */
function shareRoot(own: readonly X509Certificate[], others: readonly X509Certificate[]): boolean {
  const keys = new Set(own.map(keyOf));
  return others.some((one) => keys.has(keyOf(one)));
}
