import { createPrivateKey, X509Certificate } from "node:crypto";
import { certificatesIn } from "../../certificates";
import type { Reading } from "./reading";

/** Characters that one text may have: a chain of a few RSA 4096 certificates has 8,000. */
const longest = 65_536;
/** Certificates that one text may have: an intermediate and a root, or the roots of a rotation with their earlier certificates. */
const most = 8;

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Certificates of authorities, with their text. */
export interface Authorities {
  /** PEM, with nothing but the certificates. */
  readonly pem: string;
  readonly certificates: readonly X509Certificate[];
}

/**
 * Reads certificates of authorities, PEM. Text around them, which some tools write, is dropped.
 *
 * @returns undefined if there is none, or one can't be read.
 */
export function readAuthorities(reading: Reading, value: unknown, path: string): Authorities | undefined {
  if (typeof value !== "string" || value.length > longest) {
    reading.problem(
      path,
      typeof value === "string" ? "is too long for certificates" : "is not a text with certificates",
    );
    return undefined;
  }
  const certificates = certificatesOf(value);
  if (certificates === undefined) {
    reading.problem(path, `is not PEM with 1 to ${String(most)} readable certificates`);
    return undefined;
  }
  if (certificates.some(({ ca }) => !ca)) {
    reading.problem(path, "has a certificate that is not a certificate authority's (CA:TRUE)");
    return undefined;
  }
  const bare = value.replace(block, "").trim() === "";
  return { pem: bare ? value : (value.match(block) ?? []).map((one) => `${one}\n`).join(""), certificates };
}

function certificatesOf(text: string): X509Certificate[] | undefined {
  const begun = text.split("-----BEGIN CERTIFICATE-----").length - 1;
  try {
    const certificates = begun > most ? [] : certificatesIn((text.match(block) ?? []).join("\n"));
    return certificates.length === begun && begun > 0 ? certificates : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text is the private key of a certificate, in PEM, and nothing else. */
export function isKeyOf(privateKey: string, certificate: X509Certificate | undefined): boolean {
  if (!/^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END \1PRIVATE KEY-----\s*$/.test(privateKey)) {
    return false;
  }
  try {
    return certificate?.checkPrivateKey(createPrivateKey(privateKey)) ?? false;
  } catch {
    return false;
  }
}
