import type { X509Certificate } from "node:crypto";
import { certificatesIn, isCertificate, keyOf } from "../../certificates";
import type { ExternalRoot, Roots } from "../../components/trust";

/** The roots that this stack will trust and sign with, as far as they are known before the update. */
export type OwnRoots = Roots | "unknown";

/** Roots that are managed elsewhere are known if they could be read. */
export function ownRoots(
  desired: Roots | undefined,
  { rootCertificate }: Pick<ExternalRoot, "rootCertificate">,
): OwnRoots {
  if (rootCertificate !== undefined && isCertificate(rootCertificate)) {
    return { trusted: new Map([[external, rootCertificate]]), signing: external };
  }
  return desired ?? "unknown";
}

/** Stands for all roots that are managed elsewhere: which one signs is not known. */
const external = "external";

/** The roots of another stack, by its outputs. */
export interface PeerRoot {
  /** Full name of the stack. */
  readonly name: string;
  /** Absent if not known. */
  readonly roots?: Roots;
  /** Full name of the stack that keeps its root, if it is another one. */
  readonly rootStack?: string;
}

/** A stack that trusts another root than this one. */
export interface RootDisagreement {
  /** Whether both take their root from the same place, and it only has an older one yet. */
  readonly stale: boolean;
  readonly message: string;
}

/**
 * Compares the roots of another stack with this one's: each has to trust the root that the other signs with.
 *
 * @param keeper Full name of the stack that keeps this one's root: this stack, or the one of `root.stack`.
 * @returns undefined if they agree, or are not known.
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
