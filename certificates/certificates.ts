import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import type { Fault } from "./fault";
import { anyBlocks, goBlocks, isPlain, type PemBlock, pemOf } from "./pem";
import { goKeyFault } from "./public-key";
import { structureOf } from "./structure";

/** The certificates in a PEM text, in their order; none for an undefined one. Throws where one of them can't be read. */
export function certificatesIn(pem = ""): X509Certificate[] {
  return anyBlocks(pem)
    .filter(({ label }) => label === "CERTIFICATE")
    .map(({ der }) => new X509Certificate(der));
}

/** Certificates with a text that has nothing but them. */
export interface ReadCertificates {
  readonly certificates: readonly X509Certificate[];
  /** PEM: the text as it was, if it is plain; else the certificates alone. */
  readonly pem: string;
}

/** Commands that make a certificate of what has another label, or of nothing in PEM. */
const plain = "the certificate as a block -----BEGIN CERTIFICATE----- (`openssl x509 -in FILE` prints it)";
const conversions: Readonly<Record<string, string>> = {
  "TRUSTED CERTIFICATE": plain,
  "X509 CERTIFICATE": plain,
  PKCS7: "the certificates in it (`openssl pkcs7 -print_certs -in FILE` prints them)",
  CMS: "the certificates in it (`openssl pkcs7 -print_certs -in FILE` prints them)",
};

/** Whether a block is a private key, of whatever form. */
export function isPrivateKey({ label }: PemBlock): boolean {
  return label.endsWith("PRIVATE KEY");
}

/**
 * Reads all certificates in a text, and refuses what Go, in which istiod and the tls plugin are written, can't parse. What stands
 * around them is dropped, but for a private key: that is refused, since certificates are published.
 */
export function readCertificates(text: string): ReadCertificates | Fault {
  const blocks = anyBlocks(text);
  const own = blocks.filter(({ label }) => label === "CERTIFICATE");
  if (blocks.some(isPrivateKey)) {
    return own.length === 0
      ? format("is a private key, not a certificate", "the certificate")
      : {
          kind: "private key",
          problem: "has a private key beside the certificate, which would be published with it",
          wanted: "the certificate alone (`openssl x509 -in FILE` prints it)",
        };
  }
  const [other] = blocks.flatMap(({ label }) => (conversions[label] === undefined ? [] : [label]));
  if (other !== undefined) {
    return format(
      `has a block ${other}, which Go and istiod don't take for a certificate`,
      conversions[other] ?? plain,
    );
  }
  if (own.length === 0) {
    return format(...withoutCertificate(text, blocks));
  }
  const certificates: X509Certificate[] = [];
  for (const { der } of own) {
    const certificate = parsed(der);
    const fault = certificate === undefined ? unreadable : goFault(certificate);
    if (fault !== undefined || certificate === undefined) {
      return fault ?? unreadable;
    }
    certificates.push(certificate);
  }
  return { certificates, pem: isPlain(text, own.length) ? text : own.map(pemOf).join("") };
}

/** The same of a file that istiod reads itself, and hands to proxies as it is: one in which they would find something else is refused. */
export function readAsGo(text: string): ReadCertificates | Fault {
  const read = readCertificates(text);
  if ("kind" in read) {
    return read;
  }
  const blocks = goBlocks(text);
  const found = blocks.filter(({ label, headers }) => label === "CERTIFICATE" && !headers).length;
  const [other] = blocks.filter(({ label }) => label !== "CERTIFICATE");
  if (other !== undefined) {
    return format(`has a block ${other.label}, which istiod or ztunnel refuses there`, "the certificates alone");
  }
  return found === read.certificates.length
    ? read
    : format(
        `has ${String(read.certificates.length)} certificates, of which istiod finds ${String(found)}`,
        "each line -----BEGIN CERTIFICATE----- and -----END CERTIFICATE----- at the start of a line of its own, without indentation or a " +
          "byte order mark before it",
      );
}

function format(problem: string, wanted: string): Fault {
  return { kind: "format", problem, wanted };
}

const unreadable = format(
  "is not a readable certificate",
  "the whole PEM text, from BEGIN to END, line breaks included",
);

function withoutCertificate(text: string, [block]: readonly PemBlock[]): [problem: string, wanted: string] {
  if (block !== undefined) {
    return [`is a ${block.label}, not a certificate`, "the certificate"];
  }
  if (text.includes("-----BEGIN CERTIFICATE-----")) {
    return [unreadable.problem, unreadable.wanted];
  }
  return [
    "is not a PEM certificate",
    "the certificate, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE----- (`openssl x509 -inform DER -in FILE` makes it of a " +
      "binary file)",
  ];
}

/** OpenSSL ignores what follows a certificate, Go does not. */
function parsed(der: Buffer): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(der);
    return certificate.raw.length === der.length ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** Why Go refuses to parse a certificate that OpenSSL reads (`x509.ParseCertificate`). */
function goFault(certificate: X509Certificate): Fault | undefined {
  const structure = structureOf(certificate);
  if (structure === undefined) {
    return unreadable;
  }
  const { negativeSerial, doubled, signature, signedAs, explicitCurve } = structure;
  const [twice] = doubled;
  if (negativeSerial) {
    return format("has a negative serial number, which Go refuses", "a certificate with a positive one");
  }
  if (twice !== undefined) {
    return format(`has the extension ${twice} twice, which Go refuses`, "a certificate that has it once");
  }
  if (signature !== signedAs) {
    return format("names two signature algorithms, which Go refuses", "a certificate that names one");
  }
  return explicitCurve || certificate.publicKey.asymmetricKeyType === "ec"
    ? goKeyFault(certificate.publicKey)
    : undefined;
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
  try {
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  } catch {
    // A key of another type.
    return false;
  }
}

/**
 * The authorities above a certificate, each the one that signed the one before it, up to one of `roots`; undefined where they lead
 * to none. A certificate that is itself a root has nothing above it.
 */
export function chainOf(
  certificate: X509Certificate,
  between: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): X509Certificate[] | undefined {
  const chain: X509Certificate[] = [];
  for (let last = certificate; ;) {
    const child = last;
    const root = roots.find((one) => one.fingerprint256 === child.fingerprint256 || issued(one, child));
    if (root) {
      return root.fingerprint256 === child.fingerprint256 ? chain : [...chain, root];
    }
    const above = between.find((one) => one !== child && !chain.includes(one) && issued(one, child));
    if (above === undefined || above.fingerprint256 === certificate.fingerprint256) {
      return undefined;
    }
    chain.push(above);
    last = above;
  }
}

/** The root that a certificate chains to, over authorities between the two; undefined where it is none of `roots`. */
export function rootOf(
  certificate: X509Certificate,
  between: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): X509Certificate | undefined {
  const chain = chainOf(certificate, between, roots);
  const own = chain?.at(-1) ?? (chain && certificate);
  return own && roots.find(({ fingerprint256 }) => fingerprint256 === own.fingerprint256);
}

/** Whether a text is a certificate (PEM), or several. */
export function isCertificate(text: string): boolean {
  try {
    return certificatesIn(text).length > 0;
  } catch {
    return false;
  }
}
