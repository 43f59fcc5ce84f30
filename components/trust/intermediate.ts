import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { IntermediateSettings } from "../../settings";
import { type Authority, type Intermediate, authorityUses, hours, organization } from "./authority";

interface IntermediateCertificateArgs extends IntermediateSettings {
  /** The mesh's name of the cluster: it stands in the certificate's subject. */
  readonly cluster: string;
  /** What signs it. */
  readonly root: Authority;
  /** Every root that the cluster trusts, PEM. */
  readonly trusted: pulumi.Output<string>;
}

/** The certificate authority of one cluster, signed by the root of the mesh. */
export class IntermediateCertificate extends pulumi.ComponentResource implements Intermediate {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
  readonly chain: pulumi.Output<string>;
  readonly rootCertificate: pulumi.Output<string>;

  constructor(name: string, args: IntermediateCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:trust:IntermediateCertificate", name, {}, opts);
    const key = new tls.PrivateKey(
      name,
      args.algorithm === "RSA" ? { algorithm: "RSA", rsaBits: 4096 } : { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this },
    );
    const request = new tls.CertRequest(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { organization, commonName: "Intermediate CA", locality: args.cluster },
        // istiod serves its own clients with a certificate of this name (Istio's recipe has it too).
        dnsNames: ["istiod.istio-system.svc"],
      },
      { parent: this },
    );
    const certificate = new tls.LocallySignedCert(
      name,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: args.root.certificate,
        caPrivateKeyPem: args.root.privateKey,
        isCaCertificate: true,
        // It signs workloads, never another authority. The provider (5.5.1) leaves a length of 0 out of the certificate,
        // so the root's own path length says the same from above.
        maxPathLength: 0,
        allowedUses: authorityUses,
        setSubjectKeyId: true,
        validityPeriodHours: hours(args.intermediateValidityDays),
        earlyRenewalHours: hours(args.renewBeforeDays),
      },
      { parent: this },
    );
    this.certificate = certificate.certPem;
    this.privateKey = key.privateKeyPem;
    this.rootCertificate = args.trusted;
    this.chain = pulumi.concat(this.certificate, args.root.certificate);
    this.registerOutputs({ certificate: this.certificate });
  }
}
