import type { X509Certificate } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { certificatesIn, rootOf } from "../../certificates";

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

/** The Secret `cacerts` of a cluster whose certificates are managed elsewhere. */
export interface ExternalCacerts {
  /** The mesh's name of the cluster. */
  readonly cluster: string;
  /** Files by name, PEM; undefined if there is no such Secret. */
  readonly files: Readonly<Record<string, string>> | undefined;
}

/** What istiod uses of a Secret. */
interface Certificates {
  readonly cluster: string;
  readonly intermediate: X509Certificate;
  /** Authorities between the intermediate and a root. */
  readonly between: readonly X509Certificate[];
  /** More than one while a root is being replaced. */
  readonly roots: readonly X509Certificate[];
  readonly rootCertificate: string;
}

/** What certificates that are managed elsewhere amount to. */
export interface ExternalRoot {
  /** PEM; absent if there is a problem, or no certificate. */
  readonly rootCertificate?: string;
  /** Why the clusters can't trust one another: a sentence each. */
  readonly problems: readonly string[];
}

/** Whether the certificates of several clusters make one mesh: each one's intermediate has to chain to a root of every other. */
export function judgeExternalCacerts(all: readonly ExternalCacerts[], now = new Date()): ExternalRoot {
  const read = all.map(certificatesOf);
  const unreadable = read.filter((one) => typeof one === "string");
  const certificates = read.filter((one) => typeof one !== "string");
  const problems = [
    ...unreadable,
    ...certificates.flatMap((one) => [...ownProblems(one, now), ...foreignRoots(one, certificates)]),
  ];
  const [first] = certificates;
  return problems.length > 0 || first === undefined
    ? { problems }
    : { rootCertificate: first.rootCertificate, problems: [] };
}

/** Reads the files under Istio's names or cert-manager's, as istiod does. Returns a text that says why if it can't. */
function certificatesOf({ cluster, files }: ExternalCacerts): Certificates | string {
  const where = `cluster ${cluster}: Secret istio-system/cacerts`;
  if (files === undefined) {
    return `${where} does not exist. Have it created before the mesh: docs/certificates.md#certificates-that-someone-else-keeps`;
  }
  const [own, roots] =
    files["ca-cert.pem"] === undefined
      ? [files["tls.crt"], files["ca.crt"]]
      : [files["ca-cert.pem"], files["root-cert.pem"]];
  try {
    const [intermediate, ...others] = certificatesIn(own);
    const trusted = certificatesIn(roots);
    if (intermediate === undefined || trusted.length === 0 || roots === undefined) {
      return (
        `${where} has no certificate and root (ca-cert.pem and root-cert.pem, or tls.crt and ca.crt). Have whoever ` +
        "manages it add both."
      );
    }
    return {
      cluster,
      intermediate,
      between: [...others, ...certificatesIn(files["cert-chain.pem"])],
      roots: trusted,
      rootCertificate: roots,
    };
  } catch {
    return `${where} holds a certificate that can't be read. Have whoever manages it replace it.`;
  }
}

function ownProblems(own: Certificates, now: Date): string[] {
  const { cluster, intermediate } = own;
  const end = new Date(intermediate.validTo);
  return [
    ...(end <= now
      ? [
          `cluster ${cluster}: its intermediate certificate expired on ${end.toISOString().slice(0, 10)}: have it renewed.`,
        ]
      : []),
    ...(intermediate.ca
      ? []
      : [
          `cluster ${cluster}: its certificate is not a certificate authority's (CA:TRUE), so istiod can't sign with it.`,
        ]),
    ...(chains(own, own.roots)
      ? []
      : [`cluster ${cluster}: its intermediate certificate does not chain to the root in the same Secret.`]),
  ];
}

function foreignRoots(own: Certificates, all: readonly Certificates[]): string[] {
  return all
    .filter((other) => chains(own, own.roots) && !chains(own, other.roots))
    .map(
      ({ cluster }) =>
        `cluster ${own.cluster}: its intermediate certificate does not chain to the root that cluster ${cluster} trusts, so ` +
        "no call between them would be accepted. Have one root sign the intermediates of all clusters.",
    );
}

function chains({ intermediate, between }: Certificates, roots: readonly X509Certificate[]): boolean {
  return rootOf(intermediate, between, roots) !== undefined;
}
