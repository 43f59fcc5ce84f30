import { KeyObject, webcrypto } from "node:crypto";
import "../../rehearsal/plugins/tls/reflect";
import * as x509 from "@peculiar/x509";
import type { Served } from "./pod-forward";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
x509.cryptoProvider.set(webcrypto);

/** A certificate with what signs below it. */
export interface TestCertificate {
  readonly pem: string;
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** A certificate: signed by itself, or by an authority; of an authority, unless it is for a URI or a DNS name. */
export async function certify(
  commonName: string,
  authority?: TestCertificate,
  alternative?: string,
  notAfter = new Date(Date.now() + 86_400_000),
): Promise<TestCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const name = `CN=${commonName}`;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: name,
    issuer: authority?.name ?? name,
    publicKey: keys.publicKey,
    signingKey: (authority?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Math.min(Date.now(), notAfter.getTime()) - 60_000),
    notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(alternative === undefined, undefined, true),
      ...(alternative === undefined
        ? []
        : [
            new x509.SubjectAlternativeNameExtension([
              { type: alternative.includes("://") ? "url" : "dns", value: alternative },
            ]),
          ]),
    ],
  });
  return { pem: `${certificate.toString("pem")}\n`, name, keys };
}

/** What istiod serves its clients with, when it signs with an authority. */
export async function servedBelow(authority: TestCertificate): Promise<Served> {
  const own = await certify("istiod", authority, "spiffe://cluster.local/ns/istio-system/sa/istiod");
  return { cert: `${own.pem}${authority.pem}`, key: privateKeyOf(own) };
}

/** PEM. */
export function privateKeyOf({ keys }: TestCertificate): string {
  return KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString();
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** What ztunnel tells at its admin port of workloads' certificates: chains with the workload's own first. */
export function ztunnelDump(
  workloads: readonly { readonly chain: readonly string[]; readonly roots: readonly string[] }[],
  istioVersion = "1.31.0",
): object {
  const dumped = (pem: string) => ({ pem: base64(pem), serialNumber: "1" });
  return {
    certificates: workloads.map(({ chain, roots }, index) => ({
      identity: `spiffe://cluster.local/ns/demo/sa/${String(index)}`,
      state: "Available",
      certChain: chain.map(dumped),
      rootCerts: roots.map(dumped),
    })),
    version: { istioVersion },
  };
}

/** What Envoy tells of its own certificate. */
export function envoyDump(chain: readonly string[], roots: readonly string[]): object {
  const secret = (name: string, content: object) => ({ name, secret: { name, ...content } });
  return {
    configs: [
      secret("default", { tls_certificate: { certificate_chain: { inline_bytes: base64(chain.join("")) } } }),
      secret("ROOTCA", { validation_context: { trusted_ca: { inline_bytes: base64(roots.join("")) } } }),
    ],
  };
}

/** What an API server has of a cluster whose mesh runs on a real node, by path. */
export function meshObjects(
  files: Readonly<Record<string, string>>,
  published: string,
  pods: readonly { readonly name: string; readonly startTime?: string }[],
): Map<string, unknown> {
  const pod = (name: string, container: string, startTime = "2026-01-02T00:00:00Z", labels = {}) => ({
    metadata: { name, namespace: "istio-system", labels },
    spec: { nodeName: "node", containers: [{ name: container }] },
    status: { phase: "Running", startTime },
  });
  const data = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, base64(text)]));
  return new Map<string, unknown>([
    ["/api/v1/nodes", { items: [{ metadata: { name: "node" }, status: { nodeInfo: { kubeletVersion: "v1.34.4" } } }] }],
    [
      "/api/v1/pods?limit=500",
      {
        items: [
          pod("istiod", "discovery", undefined, { app: "istiod" }),
          ...pods.map(({ name, startTime }) => pod(name, "istio-proxy", startTime)),
        ],
      },
    ],
    ["/api/v1/namespaces/istio-system/secrets/cacerts", { data }],
    [
      "/api/v1/namespaces/istio-system/configmaps/istio-ca-root-cert",
      { metadata: { managedFields: [{ time: "2026-01-01T00:00:00Z" }] }, data: { "root-cert.pem": published } },
    ],
  ]);
}
