import type { X509Certificate } from "node:crypto";
import type { Resource } from "../state";
import { certificatesIn, fileOf } from "./authorities";

/** What a Secret `cacerts` has istiod sign with, as far as it can be read. */
export interface Chain {
  readonly authority: X509Certificate;
  /** Those that have signed it, one another, each the one before it. */
  readonly signers: readonly X509Certificate[];
  /** Whether they lead to one of the Secret's roots. */
  readonly complete: boolean;
}

/** Undefined where the certificates of the authority or of the roots are missing, or not known yet. */
export function chainIn(secret: Resource): Chain | undefined {
  const read = (file: string): X509Certificate[] => certificatesIn(fileOf(secret, file) ?? "");
  const [[authority, ...bundled], roots] = [read("ca-cert.pem"), read("root-cert.pem")];
  if (authority === undefined || roots.length === 0) {
    return undefined;
  }
  const known = [...roots, ...bundled, ...read("cert-chain.pem")];
  const isRoot = (one: X509Certificate): boolean => roots.some((root) => root.fingerprint256 === one.fingerprint256);
  const signers: X509Certificate[] = [];
  let last = authority;
  while (!isRoot(last)) {
    const signer = known.find((one) => !signers.includes(one) && signed(one, last));
    if (signer === undefined) {
      return { authority, signers, complete: false };
    }
    signers.push(signer);
    last = signer;
  }
  return { authority, signers, complete: true };
}

function signed(signer: X509Certificate, one: X509Certificate): boolean {
  try {
    return signer.fingerprint256 !== one.fingerprint256 && one.checkIssued(signer) && one.verify(signer.publicKey);
  } catch {
    // A key of another sort.
    return false;
  }
}

/** How many authorities may stand below the one that istiod signs with: the least that it or a signer of it allows. */
export function authoritiesBelow({ authority, signers }: Chain): number | undefined {
  const limits = [authority, ...signers].flatMap((one, index) => {
    const limit = pathLengthOf(one);
    return limit === undefined ? [] : [Math.max(0, limit - index)];
  });
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** `basicConstraints` is 2.5.29.19: critical or not, a sequence of whether it is an authority, and of how many may follow. */
const basicConstraints = /0603551d13(?:0101ff)?04..30..0101ff0201(..)/;

/** Node reads all of a certificate but this. */
function pathLengthOf({ raw }: X509Certificate): number | undefined {
  const [, length] = basicConstraints.exec(raw.toString("hex")) ?? [];
  return length === undefined ? undefined : Number.parseInt(length, 16);
}
