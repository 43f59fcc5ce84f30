/**
 * What a certificate says of itself that Node does not tell: key usage, path length, extensions, the form of its key. It is decoded
 * by the ASN.1 structures that `@peculiar/x509` is built on: that library itself needs a polyfill of the global `Reflect`.
 */
import type { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  type AlgorithmIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extensions,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  SubjectPublicKeyInfo,
} from "@peculiar/asn1-x509";

export interface Structure {
  /** CA:TRUE in its basic constraints. */
  readonly isAuthority: boolean;
  /** Whether the key may sign certificates: keyCertSign, or no key usage at all (RFC 5280, 4.2.1.3). */
  readonly mayCertify: boolean;
  /** How many authorities may stand between it and a workload's certificate; undefined where there is no limit. */
  readonly pathLength: number | undefined;
  /** Whether it has a list of extended usages that lacks those of TLS servers or clients. */
  readonly notForTls: boolean;
  readonly negativeSerial: boolean;
  /** Extensions that are there twice, and those that are critical, by object identifier. */
  readonly doubled: readonly string[];
  readonly critical: readonly string[];
  /** Of the signature, and of the part that is signed: they have to be the same. */
  readonly signature: string;
  readonly signedAs: string;
  readonly explicitCurve: boolean;
}

/** Undefined where a certificate can't be decoded. */
export function structureOf({ raw }: Pick<X509Certificate, "raw">): Structure | undefined {
  try {
    const { tbsCertificate, signatureAlgorithm } = AsnConvert.parse(raw, Certificate);
    const { extensions = new Extensions() } = tbsCertificate;
    const valueOf = (identifier: string) => extensions.find(({ extnID }) => extnID === identifier)?.extnValue;
    const [constraints, usage, extended] = [id_ce_basicConstraints, id_ce_keyUsage, id_ce_extKeyUsage].map(valueOf);
    const { cA: isAuthority, pathLenConstraint } =
      constraints === undefined ? new BasicConstraints() : AsnConvert.parse(constraints, BasicConstraints);
    // Its type is that of a number; from four bytes on it is a text.
    const limit = pathLenConstraint as number | string | undefined;
    const mayCertify =
      usage === undefined || (AsnConvert.parse(usage, KeyUsage).toNumber() & KeyUsageFlags.keyCertSign) !== 0;
    const purposes = extended && [...AsnConvert.parse(extended, ExtendedKeyUsage)];
    const identifiers = extensions.map(({ extnID }) => extnID);
    return {
      isAuthority,
      mayCertify,
      pathLength: limit === undefined ? undefined : Number(limit),
      notForTls: purposes !== undefined && ![id_kp_serverAuth, id_kp_clientAuth].every((one) => purposes.includes(one)),
      negativeSerial: (Buffer.from(tbsCertificate.serialNumber)[0] ?? 0) >= 0x80,
      doubled: identifiers.filter((one, index) => identifiers.indexOf(one) < index),
      critical: extensions.filter(({ critical }) => critical).map(({ extnID }) => extnID),
      signature: signatureAlgorithm.algorithm,
      signedAs: tbsCertificate.signature.algorithm,
      explicitCurve: namesNoCurve(tbsCertificate.subjectPublicKeyInfo.algorithm),
    };
  } catch {
    return undefined;
  }
}

/** Whether a public key (SubjectPublicKeyInfo, DER) describes its curve in place of naming it. */
export function hasExplicitCurve(spki: Buffer): boolean {
  return namesNoCurve(AsnConvert.parse(spki, SubjectPublicKeyInfo).algorithm);
}

/** Parameters of an elliptic curve are its name, an object identifier, or a structure. */
function namesNoCurve({ algorithm, parameters }: AlgorithmIdentifier): boolean {
  const [ellipticCurve, structure] = ["1.2.840.10045.2.1", 0x30];
  return algorithm === ellipticCurve && parameters != null && Buffer.from(parameters)[0] === structure;
}
