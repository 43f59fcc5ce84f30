import { resource } from "./resources";
import type { Properties } from "../../../policy/view";

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
