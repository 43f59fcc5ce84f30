/**
 * What the key of a certificate may sign. Node reads the rest of a certificate, and verifies chains with OpenSSL without
 * promises, but tells neither key usage nor path length. They are decoded by the ASN.1 structures that `@peculiar/x509` is
 * built on: that library itself needs a polyfill of the global `Reflect`, and its verification is asynchronous.
 */
import type { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  BasicConstraints,
  Certificate,
  id_ce_basicConstraints,
  id_ce_keyUsage,
  KeyUsage,
  KeyUsageFlags,
} from "@peculiar/asn1-x509";

export interface SigningRights {
  /** CA:TRUE in its basic constraints. */
  readonly isAuthority: boolean;
  /** Whether the key may sign certificates: keyCertSign, or no key usage at all (RFC 5280, 4.2.1.3). */
  readonly mayCertify: boolean;
  /** How many authorities may stand between it and a workload's certificate; undefined where there is no limit. */
  readonly pathLength: number | undefined;
}

/** A certificate whose extensions can't be decoded may sign nothing. */
export function signingRights({ raw }: Pick<X509Certificate, "raw">): SigningRights {
  try {
    const { extensions } = AsnConvert.parse(raw, Certificate).tbsCertificate;
    const valueOf = (identifier: string) => extensions?.find(({ extnID }) => extnID === identifier)?.extnValue;
    const [constraints, usage] = [valueOf(id_ce_basicConstraints), valueOf(id_ce_keyUsage)];
    const { cA: isAuthority, pathLenConstraint } =
      constraints === undefined ? new BasicConstraints() : AsnConvert.parse(constraints, BasicConstraints);
    // Its type is that of a number; from four bytes on it is a text.
    const limit = pathLenConstraint as number | string | undefined;
    const mayCertify =
      usage === undefined || (AsnConvert.parse(usage, KeyUsage).toNumber() & KeyUsageFlags.keyCertSign) !== 0;
    return { isAuthority, mayCertify, pathLength: limit === undefined ? undefined : Number(limit) };
  } catch {
    return { isAuthority: false, mayCertify: false, pathLength: undefined };
  }
}
