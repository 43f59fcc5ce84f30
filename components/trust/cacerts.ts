import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Intermediate } from "./authority";

/** The Secret that istiod takes its certificate authority from ("Plug in CA Certificates" in Istio's documentation). */
export class CaCertsSecret extends k8s.core.v1.Secret {
  constructor(scope: string, intermediate: Intermediate, opts: pulumi.CustomResourceOptions) {
    super(
      `${scope}-cacerts`,
      {
        metadata: { name: "cacerts", namespace: "istio-system" },
        stringData: {
          "ca-cert.pem": intermediate.certificate,
          "ca-key.pem": intermediate.privateKey,
          "root-cert.pem": intermediate.rootCertificate,
          "cert-chain.pem": intermediate.chain,
        },
      },
      opts,
    );
  }
}
