import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { warn } from "../../diagnostics";
import { firstRoot } from "../../settings";

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
const authorityUses = ["digital_signature", "content_commitment", "key_encipherment", "cert_signing", "crl_signing"];

/** Organization in the names of Istio's own certificate recipe. */
const organization = "Istio";

const hoursPerDay = 24;

/** The provider counts validity in hours, the settings in days. */
function hours(days: number): number {
  return days * hoursPerDay;
}

/** Name of the resources of a root, by what the settings call it. The first one was there before roots had names. */
export function rootResource(called: string): string {
  return called === firstRoot ? "root" : `root-${called}`;
}

export interface RootCaArgs {
  /** Common name in the certificate's subject. */
  readonly commonName: string;
  /** Kind of its key: `ECDSA` (P-384), or `RSA` (4096 bits). */
  readonly algorithm: string;
  /** How long the certificate is valid, in days. */
  readonly validityDays: number;
  /** How many days before its end the certificate is renewed; less than its validity. */
  readonly renewBeforeDays: number;
  /** Whether the key can't be deleted. */
  readonly protectKey: boolean;
}

/** A root of trust for the whole mesh, made by this stack and kept in its state. */
export class RootCa extends pulumi.ComponentResource implements Authority {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;

  constructor(name: string, args: RootCaArgs, opts?: pulumi.ComponentResourceOptions) {
    const aliases = [{ type: "flatmesh:trust:RootCertificate" }];
    super("flatmesh:trust:RootCa", name, args, pulumi.mergeOptions({ aliases }, opts));
    const key = new tls.PrivateKey(
      name,
      args.algorithm === "RSA" ? { algorithm: "RSA", rsaBits: 4096 } : { algorithm: "ECDSA", ecdsaCurve: "P384" },
      {
        parent: this,
        // A new key is another root, which takes a name of its own: no change of any other setting may make one.
        ignoreChanges: ["algorithm", "rsaBits", "ecdsaCurve"],
        // The certificate is not: it is replaced when it is renewed, and can be made again of the key.
        protect: args.protectKey,
      },
    );
    warnOfUnchangedKey(key, args.algorithm);

    const certificate = new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { organization, commonName: args.commonName },
        isCaCertificate: true,
        // One authority below it, and none below that.
        maxPathLength: 1,
        allowedUses: authorityUses,
        setSubjectKeyId: true,
        validityPeriodHours: hours(args.validityDays),
        earlyRenewalHours: hours(args.renewBeforeDays),
      },
      { parent: this },
    );
    this.certificate = certificate.certPem;
    this.privateKey = key.privateKeyPem;
    this.registerOutputs({ certificate: this.certificate });
  }
}

function warnOfUnchangedKey(key: tls.PrivateKey, wanted: string): void {
  key.algorithm.apply((algorithm) => {
    if (algorithm !== wanted) {
      warn(
        `root.generate.algorithm asks for ${wanted}, but the root's key is ${algorithm} and stays so: a new key would end ` +
          `all trust in the old one. Set the algorithm back to ${algorithm}, or replace the root: docs/root-rotation.md#the-three-stages`,
        key,
      );
    }
  });
}

export interface IntermediateCaArgs {
  /** The mesh's name of the cluster: it stands in the certificate's subject. */
  readonly cluster: string;
  /** Kind of its key: `ECDSA` (P-256), or `RSA` (4096 bits). */
  readonly algorithm: string;
  /** How long the certificate is valid, in days. */
  readonly validityDays: number;
  /** How many days before its end the certificate is renewed; less than its validity. */
  readonly renewBeforeDays: number;
  /** Certificate of the root that signs it, PEM. */
  readonly signingCertificate: pulumi.Input<string>;
  /** Key of the root that signs it, PEM. Not recorded: a second copy of a secret in the state would be one too many. */
  readonly signingKey: pulumi.Input<string>;
  /** Every root that the cluster trusts, PEM. */
  readonly trustedRoots: pulumi.Input<string>;
}

/** The certificate authority of one cluster, signed by the root of the mesh. */
export class IntermediateCa extends pulumi.ComponentResource implements Intermediate {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
  readonly chain: pulumi.Output<string>;
  readonly rootCertificate: pulumi.Output<string>;

  constructor(name: string, args: IntermediateCaArgs, opts?: pulumi.ComponentResourceOptions) {
    const { signingKey, ...recorded } = args;
    const aliases = [{ type: "flatmesh:trust:IntermediateCertificate" }];
    super("flatmesh:trust:IntermediateCa", name, recorded, pulumi.mergeOptions({ aliases }, opts));
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
        caCertPem: args.signingCertificate,
        caPrivateKeyPem: signingKey,
        isCaCertificate: true,
        // It signs workloads, never another authority. The provider (5.5.1) leaves a length of 0 out of the certificate,
        // so the root's own path length says the same from above.
        maxPathLength: 0,
        allowedUses: authorityUses,
        setSubjectKeyId: true,
        validityPeriodHours: hours(args.validityDays),
        earlyRenewalHours: hours(args.renewBeforeDays),
      },
      { parent: this },
    );
    this.certificate = certificate.certPem;
    this.privateKey = key.privateKeyPem;
    this.rootCertificate = pulumi.output(args.trustedRoots);
    this.chain = pulumi.concat(this.certificate, args.signingCertificate);
    this.registerOutputs({ certificate: this.certificate });
  }
}
