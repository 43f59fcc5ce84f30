import { webcrypto } from "node:crypto";
import "../../../rehearsal/plugins/tls/reflect";
import * as x509 from "@peculiar/x509";
import { certificatesIn } from "../../../certificates";
import type { TestCertificate } from "../../support/authorities";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
x509.cryptoProvider.set(webcrypto);

/** A certificate with its private key, both PEM. */
export interface Issued extends TestCertificate {
  readonly key: string;
}

interface Wanted {
  /** What signs it; itself where nothing is named. */
  readonly by?: Issued;
  /** Days from now until it ends, and since when it is good. */
  readonly days?: number;
  readonly since?: number;
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** No word of what the key is for where it is left out. */
  readonly usage?: x509.KeyUsageFlags;
  /** Key to use instead of a new one. */
  readonly keys?: Issued;
}

export const { keyCertSign, digitalSignature } = x509.KeyUsageFlags;

/** Makes a certificate, by default that of an authority that is good for years. */
export async function issue(commonName: string, wanted: Wanted = {}): Promise<Issued> {
  const { by, days = 1000, since = -1, ca = true, pathLength, usage } = wanted;
  const keys = wanted.keys?.keys ?? (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]));
  const name = `CN=${commonName}`;
  const at = (day: number) => new Date(Date.now() + day * 86_400_000 + 3_600_000);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: name,
    issuer: by?.name ?? name,
    publicKey: keys.publicKey,
    signingKey: (by?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    notBefore: at(since),
    notAfter: at(days),
    extensions: [
      new x509.BasicConstraintsExtension(ca, pathLength, true),
      ...(usage === undefined ? [] : [new x509.KeyUsagesExtension(usage, true)]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    pem: `${certificate.toString("pem")}\n`,
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
    name,
    keys,
  };
}

/** A Secret of a name in istio-system, its files in the clear. */
export function secret(name: string, files: Readonly<Record<string, string>>): object {
  const data = Object.fromEntries(
    Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString("base64")]),
  );
  return { metadata: { name, namespace: "istio-system" }, type: "Opaque", data };
}

/** The Secret cacerts with Istio's names. */
export function cacerts(intermediate: Issued, roots: readonly Issued[], other: Readonly<Record<string, string>> = {}) {
  return secret("cacerts", {
    "ca-cert.pem": intermediate.pem,
    "ca-key.pem": intermediate.key,
    "root-cert.pem": roots.map(({ pem }) => pem).join(""),
    "cert-chain.pem": intermediate.pem + roots.map(({ pem }) => pem).join(""),
    ...other,
  });
}

/** A namespace's ConfigMap with the roots that istiod tells of. */
export function published(namespace: string, roots: readonly Issued[]): object {
  return {
    metadata: { name: "istio-ca-root-cert", namespace },
    data: { "root-cert.pem": roots.map(({ pem }) => pem).join("") },
  };
}

export function parsed({ pem }: TestCertificate) {
  const [certificate] = certificatesIn(pem);
  if (certificate === undefined) {
    throw new Error("no certificate");
  }
  return certificate;
}
