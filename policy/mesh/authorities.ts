import { X509Certificate } from "node:crypto";
import { at, kindOf, type Resource, text, type Value } from "../state";

/** The Secret that istiod takes its certificate authority from. */
export function isCacerts(resource: Resource): boolean {
  return kindOf(resource)?.kind === "Secret" && text(resource.inputs, "metadata", "name") === "cacerts";
}

/** A file of a Secret, in the clear; undefined where there is none, or none yet. */
export function fileOf({ inputs }: Resource, name: string): string | undefined {
  const plain = text(inputs, "stringData", name);
  const encoded = text(inputs, "data", name);
  return plain ?? (encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8"));
}

/** The certificates in a text; those that can't be read are left to istiod, which refuses them. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

/** Types of @pulumi/tls. */
export const tls = {
  key: "tls:index/privateKey:PrivateKey",
  root: "tls:index/selfSignedCert:SelfSignedCert",
  intermediate: "tls:index/locallySignedCert:LocallySignedCert",
} as const;

/** Whether a resource of @pulumi/tls is the certificate of an authority. */
export function isAuthority({ type, inputs }: Resource, kind: "root" | "intermediate"): boolean {
  return type === tls[kind] && at(inputs, "isCaCertificate") === true;
}

/** The `spec` of a Certificate of cert-manager for an authority; undefined for anything else. */
export function certManagerAuthority(resource: Resource): Value | undefined {
  const { group, kind } = kindOf(resource) ?? {};
  const spec = at(resource.inputs, "spec");
  return group === "cert-manager.io" && kind === "Certificate" && at(spec, "isCA") === true ? spec : undefined;
}

/** Whether a Certificate of cert-manager is written into the Secret that istiod takes; false where that is not known yet. */
export function fillsCacerts(spec: Value): boolean {
  return text(spec, "secretName") === "cacerts";
}
