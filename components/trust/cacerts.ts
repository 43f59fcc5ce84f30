import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** What a cluster's istiod signs workload certificates with, all in PEM. */
export interface IntermediateArgs {
  /** The intermediate's certificate. */
  readonly certificate: pulumi.Input<string>;
  /** Its key, a secret. */
  readonly privateKey: pulumi.Input<string>;
  /** Its certificate, followed by that of the root that signed it. */
  readonly chain: pulumi.Input<string>;
  /** Every root that the cluster trusts: two while one replaces the other. */
  readonly rootCertificate: pulumi.Input<string>;
}

/** The Secret that has istiod's certificate authority ("Plug in CA Certificates" in Istio's documentation). */
export function cacertsSecret(
  name: string,
  { certificate, privateKey, chain, rootCertificate }: IntermediateArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  return new k8s.core.v1.Secret(
    name,
    {
      metadata: { name: "cacerts", namespace: "istio-system" },
      stringData: {
        "ca-cert.pem": certificate,
        "ca-key.pem": privateKey,
        "root-cert.pem": rootCertificate,
        "cert-chain.pem": chain,
      },
    },
    opts,
  );
}
