import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { firstRoot, type RootSettings, warn } from "../../settings";
import { type Authority, authorityUses, hours, organization } from "./authority";

type GeneratedRoot = Extract<RootSettings, { source: "generate" }>;

/** Name of the resources of a root, by what the settings call it. The first one was there before roots had names. */
export function rootResource(called: string): string {
  return called === firstRoot ? "root" : `root-${called}`;
}

/**
 * A root of trust for the whole mesh, made by this stack and kept in its state. While it signs for clusters of other stacks its key
 * can't be deleted: nobody could renew their certificates any more. One that no longer signs can go, as the last stage of a
 * rotation has it.
 */
export class RootCertificate extends pulumi.ComponentResource implements Authority {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;

  /** @param called What the settings call it. */
  constructor(called: string, root: GeneratedRoot, opts?: pulumi.ComponentResourceOptions) {
    const name = rootResource(called);
    const commonName = called === firstRoot ? "Root CA" : `Root CA ${called}`;
    super("flatmesh:trust:RootCertificate", name, {}, opts);
    const key = new tls.PrivateKey(
      name,
      root.algorithm === "RSA" ? { algorithm: "RSA", rsaBits: 4096 } : { algorithm: "ECDSA", ecdsaCurve: "P384" },
      {
        parent: this,
        // A new key is another root, which takes a name of its own: no change of any other setting may make one.
        ignoreChanges: ["algorithm", "rsaBits", "ecdsaCurve"],
        // The certificate is not: it is replaced when it is renewed, and can be made again of the key.
        protect: root.signing === called && root.issueFor.length > 0,
      },
    );
    warnOfKeptKey(key, root.algorithm);

    const certificate = new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { organization, commonName },
        isCaCertificate: true,
        // One authority below it, and none below that.
        maxPathLength: 1,
        allowedUses: authorityUses,
        setSubjectKeyId: true,
        validityPeriodHours: hours(root.rootValidityDays),
        earlyRenewalHours: hours(root.rootRenewBeforeDays),
      },
      { parent: this },
    );
    this.certificate = certificate.certPem;
    this.privateKey = key.privateKeyPem;
    this.registerOutputs({ certificate: this.certificate });
  }
}

function warnOfKeptKey(key: tls.PrivateKey, wanted: GeneratedRoot["algorithm"]): void {
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
