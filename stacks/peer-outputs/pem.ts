import type { X509Certificate } from "node:crypto";
import { authorityFaults, isKeyOf, isPlain, readCertificates, readKeyAsGo } from "../../certificates";
import type { Reading } from "./reading";

/** Characters that one text may have: a chain of a few RSA 4096 certificates has 8,000. */
const longest = 65_536;
/** Certificates that one text may have: an intermediate and a root, or the roots of a rotation with their earlier certificates. */
const most = 8;

/** Certificates of authorities, with their text. */
export interface Authorities {
  /** PEM, with nothing but the certificates. */
  readonly pem: string;
  readonly certificates: readonly X509Certificate[];
}

/**
 * Reads certificates of authorities, PEM. Text around them, which some tools write, is dropped. Whether they are valid now is not
 * looked at: outputs are as old as the stack's last update.
 *
 * @param below How many authorities have to fit below each.
 * @returns undefined if there is none, or one can't be read or is no authority.
 */
export function readAuthorities(reading: Reading, value: unknown, path: string, below = 0): Authorities | undefined {
  if (typeof value !== "string" || value.length > longest) {
    reading.problem(
      path,
      typeof value === "string" ? "is too long for certificates" : "is not a text with certificates",
    );
    return undefined;
  }
  const begun = value.split("-----BEGIN CERTIFICATE-----").length - 1;
  if (begun > most) {
    reading.problem(path, `has more than ${String(most)} certificates`);
    return undefined;
  }
  const read = readCertificates(value);
  const [fault] =
    "kind" in read ? [read] : read.certificates.flatMap((certificate) => authorityFaults(certificate, { below }));
  if (fault !== undefined || "kind" in read) {
    reading.problem(path, fault?.problem ?? "can't be read");
    return undefined;
  }
  return read;
}

/** Whether a text is the private key of a certificate, in PEM, and nothing else. */
export function isPrivateKeyOf(text: string, certificate: X509Certificate | undefined): boolean {
  const read = readKeyAsGo(text);
  return !("kind" in read) && isPlain(text, 1) && certificate !== undefined && isKeyOf(read.key, certificate);
}
