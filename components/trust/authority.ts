import type * as pulumi from "@pulumi/pulumi";

/** A certificate authority's certificate and key, both PEM. The key is always a secret. */
export interface Authority {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
}

/** The authority that istiod signs the workloads' certificates of one cluster with. */
export interface Intermediate extends Authority {
  /** The intermediate's certificate followed by that of the root which has signed it, PEM. */
  readonly chain: pulumi.Output<string>;
  /** Every root that the cluster trusts, PEM: two while one replaces the other. */
  readonly rootCertificate: pulumi.Output<string>;
}

/** Purposes of an authority's key, as Istio's own certificate recipe gives them (tools/certs in istio/istio), and revocation lists. */
export const authorityUses = [
  "digital_signature",
  "content_commitment",
  "key_encipherment",
  "cert_signing",
  "crl_signing",
];

/** Organization in the names of Istio's own certificate recipe. */
export const organization = "Istio";

const hoursPerDay = 24;

/** The provider counts validity in hours, the settings in days. */
export function hours(days: number): number {
  return days * hoursPerDay;
}
