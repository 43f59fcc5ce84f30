import { X509Certificate } from "node:crypto";
import { coerce, gte } from "semver";
import { z } from "zod";
import { certificatesIn } from "../certificates";
import type { WorkloadCertificate } from "./trust-state";

/** Path on a proxy's admin port (15000, on its loopback address) that both kinds of proxy answer. */
export const dumpPath = "/config_dump?resource=dynamic_active_secrets";

/** ztunnel's dump (CertsDump in src/admin.rs of istio/ztunnel); `pem` is base64, and plain text in old releases. */
const Ztunnel = z.object({
  certificates: z.array(
    z.object({
      identity: z.string(),
      state: z.string(),
      certChain: z.array(z.object({ pem: z.string() })).default([]),
      rootCerts: z.array(z.object({ pem: z.string() })).default([]),
    }),
  ),
  // By its image (ISTIO_META_ISTIO_VERSION in Dockerfile.ztunnel of istio/istio); one that others have built may have none.
  version: z.object({ istioVersion: z.string().default("unknown") }).default({ istioVersion: "unknown" }),
});

/** Envoy's dump (SecretsConfigDump.DynamicSecret of its admin API): bytes are base64, keys are left out. */
const Envoy = z.object({ configs: z.array(z.object({ name: z.string(), secret: z.unknown() })) });

/** What a proxy's dump contains. */
export interface Dump {
  readonly certificates: readonly WorkloadCertificate[];
  /** When it reads the roots that it accepts istiod by: only when it starts, or whenever they change. */
  readonly readsRoots: "once" | "always" | "unknown";
}

/** Reads a proxy's dump; undefined if its kind is unknown, or a certificate in it can't be read. */
export function readDump(pod: string, dump: unknown): Dump | undefined {
  try {
    return dumpOf(pod, dump);
  } catch {
    return undefined;
  }
}

function dumpOf(pod: string, dump: unknown): Dump | undefined {
  const ztunnel = Ztunnel.safeParse(dump).data;
  if (ztunnel) {
    // One that is yet to be had depends on nothing.
    const available = ztunnel.certificates.filter(({ state }) => state === "Available");
    const certificates = available.map(({ identity, certChain, rootCerts }) => {
      const chain = certChain.flatMap(({ pem }) => certificatesIn(decoded(pem)));
      const roots = rootCerts.flatMap(({ pem }) => certificatesIn(decoded(pem)));
      // Older ones had the root at the end of the chain.
      return { pod, identity, chain, roots: roots.length > 0 ? roots : chain.slice(-1) };
    });
    return certificates.every(({ chain }) => chain.length > 0)
      ? { certificates, readsRoots: readsRoots(ztunnel.version.istioVersion) }
      : undefined;
  }
  const envoy = Envoy.safeParse(dump).data;
  if (envoy) {
    const bytes = (secret: string) =>
      envoy.configs
        .filter(({ name }) => name === secret)
        .flatMap((config) => inlineBytes(config.secret))
        .flatMap((base64) => certificatesIn(decoded(base64)));
    const chain = bytes("default");
    const [own] = chain;
    // Its agent rereads them whenever they change.
    return (
      own && {
        certificates: [{ pod, identity: identityOf(own), chain, roots: bytes("ROOTCA") }],
        readsRoots: "always",
      }
    );
  }
  return undefined;
}

/** ztunnel follows the file of roots from 1.29.2 on (pull requests 1775 and 1824 of istio/ztunnel). */
function readsRoots(version: string): Dump["readsRoots"] {
  // Builds and distributions have a suffix of their own: only the numbers count.
  const release = /^\d+\.\d+/.test(version) ? coerce(version) : null;
  return release === null ? "unknown" : gte(release, "1.29.2") ? "always" : "once";
}

function inlineBytes(value: unknown): string[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) =>
    key === "inline_bytes" && typeof part === "string" ? [part] : inlineBytes(part),
  );
}

function identityOf({ subjectAltName = "" }: X509Certificate): string {
  return /URI:(spiffe:[^,]+)/.exec(subjectAltName)?.[1] ?? subjectAltName;
}

function decoded(base64: string): string {
  return base64.startsWith("-----BEGIN") ? base64 : Buffer.from(base64, "base64").toString("utf8");
}
