import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authorityKey } from "../components/peering/certificates";
import { resource } from "./resources";
import type { Properties } from "../../../policy/state";

export function root(name: string, inputs: Properties = {}) {
  return resource("tls:index/selfSignedCert:SelfSignedCert", name, {
    isCaCertificate: true,
    validityPeriodHours: 87_600,
    maxPathLength: 1,
    ...inputs,
  });
}

/** An intermediate that `signer` signs. */
export function intermediate(name: string, signer: { readonly urn: string } | undefined, inputs: Properties = {}) {
  return resource(
    "tls:index/locallySignedCert:LocallySignedCert",
    name,
    { isCaCertificate: true, maxPathLength: 0, validityPeriodHours: 17_520, ...inputs },
    { inputDependencies: signer ? { caCertPem: [signer.urn] } : {} },
  );
}

export function key(name: string, inputs: Properties) {
  return resource("tls:index/privateKey:PrivateKey", name, inputs);
}

/** The Secret `cacerts` of a cluster. */
export function cacerts(cluster: string, files: Properties, roots: readonly { readonly urn: string }[] = []) {
  return resource(
    "kubernetes:core/v1:Secret",
    `${cluster}-cacerts`,
    { metadata: { name: "cacerts", namespace: "istio-system" }, stringData: files },
    { cluster, inputDependencies: { stringData: roots.map(({ urn }) => urn) } },
  );
}

export function certManager(spec: Properties) {
  return resource("kubernetes:cert-manager.io/v1:Certificate", "istio-ca", {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: "istio-ca", namespace: "istio-system" },
    spec: { isCA: true, ...spec },
  });
}

/** A certificate that openssl has made, with the key of it. */
export interface Issued {
  readonly key: string;
  readonly pem: string;
}

/** @param constraints Such as `CA:TRUE,pathlen:0`. */
export function issue(name: string, constraints: string, signer?: Issued): Issued {
  const folder = mkdtempSync(join(tmpdir(), "flatmesh-issued-"));
  try {
    const file = (own: string, text: string): string => {
      writeFileSync(join(folder, own), text);
      return join(folder, own);
    };
    const key = authorityKey();
    const by = signer ? ["-CA", file("ca.pem", signer.pem), "-CAkey", file("ca.key", signer.key)] : [];
    const args = ["req", "-x509", "-new", "-key", file("key", key), "-days", "700", "-subj", `/CN=${name}`, ...by];
    const options = { encoding: "utf8", stdio: "pipe" } as const;
    return {
      key,
      pem: execFileSync("openssl", [...args, "-addext", `basicConstraints=critical,${constraints}`], options),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
