import { createHash, type KeyObject, X509Certificate } from "node:crypto";

/** The certificates in a PEM text, in their order; none for an undefined one. Throws where one of them can't be read. */
export function certificatesIn(pem = ""): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** What a certificate is known by: its key. A root that was renewed has another certificate, and is still the same root. */
export function keyOf(certificate: X509Certificate): string {
  return hashOf(certificate.publicKey);
}

/** The same of a public key by itself. */
export function hashOf(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}

/** Whether an authority has signed a certificate. */
export function issued(authority: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** The root that a certificate chains to, over authorities between the two; undefined where it is none of `roots`. */
export function rootOf(
  certificate: X509Certificate,
  between: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): X509Certificate | undefined {
  const seen = new Set<X509Certificate>();
  for (let current: X509Certificate | undefined = certificate; current && !seen.has(current);) {
    const child: X509Certificate = current;
    seen.add(child);
    const root = roots.find((one) => one.fingerprint256 === child.fingerprint256 || issued(one, child));
    if (root) {
      return root;
    }
    current = between.find((one) => !seen.has(one) && issued(one, child));
  }
  return undefined;
}

/** Whether a text is a certificate (PEM), or several. */
export function isCertificate(text: string): boolean {
  try {
    return certificatesIn(text).length > 0;
  } catch {
    return false;
  }
}
