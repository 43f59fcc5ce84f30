import type { X509Certificate } from "node:crypto";
import { certificatesIn } from "./certificates";

/** How the Secret `istio-system/cacerts` names what istiod signs with. */
export interface CacertsNames {
  readonly certificate: string;
  readonly key: string;
  /** The certificates that go out with every workload's own, in this order. */
  readonly chain: readonly string[];
  readonly roots: string;
}

const istios: CacertsNames = {
  certificate: "ca-cert.pem",
  key: "ca-key.pem",
  chain: ["cert-chain.pem"],
  roots: "root-cert.pem",
};

/** Those of a Secret of the type kubernetes.io/tls, as cert-manager writes it. */
const tlsNames: CacertsNames = {
  certificate: "tls.crt",
  key: "tls.key",
  chain: ["tls.crt", "ca.crt"],
  roots: "ca.crt",
};

/**
 * The names that istiod goes by. It takes those of a TLS Secret as soon as `tls.crt` is there, whatever stands beside it
 * (`detectSigningCABundleAndCRL` in pilot/pkg/bootstrap/istio_ca.go).
 */
export function cacertsNames(files: Readonly<Record<string, unknown>>): CacertsNames {
  return tlsNames.certificate in files ? tlsNames : istios;
}

/** The certificates in a Secret `cacerts`, as istiod takes them. */
export interface CacertsCertificates {
  /** What istiod signs with first, if there is anything, and then what it sends along. */
  readonly chain: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
}

/** Throws where a certificate can't be read. */
export function certificatesOfCacerts(files: Readonly<Record<string, string>>): CacertsCertificates {
  const { certificate, chain, roots } = cacertsNames(files);
  const sent = [...new Set([certificate, ...chain])];
  return { chain: sent.flatMap((file) => certificatesIn(files[file])), roots: certificatesIn(files[roots]) };
}
