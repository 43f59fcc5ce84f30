import { X509Certificate } from "node:crypto";
import { cacertsNames, type CacertsNames, chainOf, structureOf } from "../../certificates";
import { at, isMap, kindOf, type Resource, text, type Value } from "../state";

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

/** How the files of a Secret `cacerts` are called, by istiod's own rule. */
export function filesOf({ inputs }: Resource): CacertsNames {
  const keys = ["stringData", "data"].flatMap((key) => {
    const files = at(inputs, key);
    return isMap(files) ? Object.keys(files) : [];
  });
  return cacertsNames(Object.fromEntries(keys.map((key) => [key, true])));
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

/** What a Secret `cacerts` has istiod sign with, as far as it can be read. */
export interface Chain {
  readonly authority: X509Certificate;
  /** Those that have signed it, one another, each the one before it. */
  readonly signers: readonly X509Certificate[];
  /** Whether they lead to one of the Secret's roots. */
  readonly complete: boolean;
}

/** Undefined where the certificates of the authority or of the roots are missing, or not known yet. */
export function chainIn(secret: Resource): Chain | undefined {
  const read = (file: string): X509Certificate[] => certificatesIn(fileOf(secret, file) ?? "");
  const names = filesOf(secret);
  const [[authority, ...bundled], roots] = [read(names.certificate), read(names.roots)];
  if (authority === undefined || roots.length === 0) {
    return undefined;
  }
  const signers = chainOf(authority, [...bundled, ...names.chain.flatMap(read)], roots);
  return { authority, signers: signers ?? [], complete: signers !== undefined };
}

/** How many authorities may stand below the one that istiod signs with: the least that it or a signer of it allows. */
export function authoritiesBelow({ authority, signers }: Chain): number | undefined {
  const limits = [authority, ...signers].flatMap((one, index) => {
    const { pathLength } = structureOf(one) ?? {};
    return pathLength === undefined ? [] : [Math.max(0, pathLength - index)];
  });
  return limits.length === 0 ? undefined : Math.min(...limits);
}
