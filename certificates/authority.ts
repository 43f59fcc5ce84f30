import type { X509Certificate } from "node:crypto";
import { issued } from "./certificates";
import type { Fault } from "./fault";
import { keyFault } from "./public-key";
import { structureOf } from "./structure";

/** What an authority is to do. */
export interface Duty {
  /** How many authorities have to fit between it and a workload's certificate: none below one that signs workloads. */
  readonly below: number;
  /** The present; without it, whether the certificate is valid now is left open. */
  readonly now?: Date;
}

/** By how much clocks may differ: a certificate that begins within these milliseconds counts as valid. */
const tolerance = 5 * 60_000;

/** Signature algorithms that neither Go nor ztunnel verifies, by object identifier. */
const weak: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.2": "MD2",
  "1.2.840.113549.1.1.4": "MD5",
  "1.2.840.113549.1.1.5": "SHA-1",
  "1.2.840.10045.4.1": "SHA-1",
};

/** Critical extensions that both Go (`x509.Certificate`) and ztunnel (rustls-webpki) know; what has another is refused. */
const known = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.37"];

/** Whether a certificate is signed by its own key. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return issued(certificate, certificate);
}

/** Everything that keeps a certificate from being an authority of the mesh; nothing for one that can be. */
export function authorityFaults(certificate: X509Certificate, { below, now }: Duty): Fault[] {
  const structure = structureOf(certificate);
  if (structure === undefined) {
    return [{ kind: "format", problem: "can't be decoded", wanted: "a certificate by RFC 5280" }];
  }
  const { isAuthority, mayCertify, pathLength, notForTls, critical, signature } = structure;
  const faults: (Fault | false | undefined)[] = [
    !isAuthority && {
      kind: "authority",
      problem: "is not the certificate of a CA (no CA:TRUE)",
      wanted: "a certificate with the basic constraint CA:TRUE",
    },
    !mayCertify && {
      kind: "usage",
      problem: "may not sign certificates: its key usage lacks keyCertSign",
      wanted: "a certificate with the key usage keyCertSign",
    },
    notForTls && {
      kind: "usage",
      problem: "may not sign for TLS: its extended key usage lacks serverAuth or clientAuth",
      wanted: "a certificate without an extended key usage, or with both",
    },
    pathLength !== undefined &&
      pathLength < below && {
        kind: "path length",
        problem:
          pathLength === 0
            ? "allows no intermediate below it (path length 0): nothing that one signs is accepted"
            : `allows ${String(pathLength)} authorities below it (path length ${String(pathLength)}), and ${String(below)} are there`,
        wanted: `a certificate with a path length of ${String(below)} or more, or without one`,
      },
    keyFault(certificate.publicKey),
    ...critical
      .filter((one) => !known.includes(one))
      .map((one): Fault => ({
        kind: "extension",
        problem: `has the critical extension ${one}, which istiod or ztunnel does not know and has to refuse`,
        wanted: "a certificate in which that is not critical",
      })),
    // The signature of a certificate on itself is verified by nobody.
    weak[signature] !== undefined &&
      !isSelfSigned(certificate) && {
        kind: "signature",
        problem: `is signed with ${weak[signature]}, which istiod does not accept`,
        wanted: "a certificate that is signed with SHA-256 or better",
      },
    now && timeFault(certificate, now),
  ];
  return faults.filter((fault) => fault !== undefined && fault !== false);
}

/** Why a certificate is not valid at some time. */
export function timeFault({ validFrom, validTo }: X509Certificate, now: Date): Fault | undefined {
  if (Date.parse(validTo) <= now.getTime()) {
    return {
      kind: "expired",
      problem: `expired on ${new Date(validTo).toISOString()}`,
      wanted: "a certificate that is still valid",
    };
  }
  return Date.parse(validFrom) > now.getTime() + tolerance
    ? {
        kind: "not yet valid",
        problem: `is not valid before ${new Date(validFrom).toISOString()}`,
        wanted: "a certificate that is valid now",
      }
    : undefined;
}
