import { createPrivateKey, X509Certificate } from "node:crypto";
import { certificatesIn } from "../../certificates";
import type { Reading } from "./reading";

/** How long the certificates of one text may be: a chain of a few of RSA 4096 has 8,000 characters. */
const longest = 65_536;
/** How many certificates one text may have: an intermediate and a root, or the roots of a rotation with their earlier selves. */
const most = 8;

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Certificates of authorities, with the text that has them. */
export interface Authorities {
  /** PEM, with nothing beside the certificates. */
  readonly pem: string;
  readonly certificates: readonly X509Certificate[];
}

/**
 * Reads certificates of authorities, PEM. Text around them, as some tools write it, is left out.
 *
 * @returns undefined where there is none, or one that can't be read.
 */
export function readAuthorities(reading: Reading, value: unknown, path: string): Authorities | undefined {
  if (typeof value !== "string" || value.length > longest) {
    reading.fault(path, typeof value === "string" ? "is too long for certificates" : "is no text of certificates");
    return undefined;
  }
  const certificates = certificatesOf(value);
  if (certificates === undefined) {
    reading.fault(path, `is no PEM of 1 to ${String(most)} certificates that can be read`);
    return undefined;
  }
  if (certificates.some(({ ca }) => !ca)) {
    reading.fault(path, "has a certificate that is none of an authority (CA:TRUE)");
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

/** Whether a text is one private key in PEM, with nothing beside it, and the one of a certificate. */
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
