import { createPrivateKey, createPublicKey, type X509Certificate } from "node:crypto";
import { certificatesIn, hashOf, isCertificate, keyOf } from "../../certificates";
import type { Cluster, Expected } from "../inventory";

/** How a file of the Secret is called by Istio, or by cert-manager. */
interface FileNames {
  readonly certificate: string;
  readonly key: string;
  readonly chain?: string;
  readonly roots: string;
}

const istios: FileNames = {
  certificate: "ca-cert.pem",
  key: "ca-key.pem",
  chain: "cert-chain.pem",
  roots: "root-cert.pem",
};
const certManagers: FileNames = { certificate: "tls.crt", key: "tls.key", roots: "ca.crt" };

/** What istiod of a cluster is to sign with. */
export interface Cacerts {
  readonly names: FileNames;
  /** The first certificate of its file, as istiod reads it; undefined where there is none. */
  readonly intermediate: X509Certificate | undefined;
  /** What may stand between it and its root, in any order. */
  readonly between: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
  /** Of the private key's public half, as {@link keyOf} has it of a certificate; undefined where there is no key to read. */
  readonly key: string | undefined;
  /** Files that can't be read. */
  readonly unreadable: readonly string[];
}

/** The Secret that says what a cluster's istiod signs with. */
export const secretPath = "Secret istio-system/cacerts";

/** How it is created, or recreated. */
export const makeSecret =
  "Run pulumi up, which creates it. If it is managed elsewhere (root.existing), check what manages it: kubectl get certificates -n istio-system";

/** What a cluster's istiod is to sign with; undefined where there is no such Secret. */
export async function cacertsOf(cluster: Cluster): Promise<Cacerts | undefined> {
  const files = await cluster.secret("istio-system", "cacerts");
  if (files === undefined) {
    return undefined;
  }
  // istiod takes cert-manager's as soon as its certificate is there (detectSigningCABundle of istio/istio).
  const names = certManagers.certificate in files ? certManagers : istios;
  const unreadable: string[] = [];
  const read = (name: string | undefined): X509Certificate[] => {
    try {
      return certificatesIn(files[name ?? ""]);
    } catch {
      unreadable.push(name ?? "");
      return [];
    }
  };
  const [intermediate, ...after] = read(names.certificate);
  return {
    names,
    intermediate,
    between: [...after, ...read(names.chain)],
    roots: distinct(read(names.roots)),
    key: publicHalf(files[names.key]),
    unreadable,
  };
}

function publicHalf(pem: string | undefined): string | undefined {
  try {
    return pem === undefined ? undefined : hashOf(createPublicKey(createPrivateKey(pem)));
  } catch {
    // Whatever it is: it is never quoted.
    return undefined;
  }
}

function distinct(certificates: readonly X509Certificate[]): X509Certificate[] {
  return [...new Map(certificates.map((one) => [one.fingerprint256, one])).values()];
}

/** What the stack calls its roots, by key. */
export function rootNames({ roots }: Pick<Expected, "roots">): Map<string, string> {
  return new Map(
    Object.entries(roots?.trusted ?? {})
      .filter(([, pem]) => isCertificate(pem))
      .flatMap(([name, pem]) => certificatesIn(pem).map((one) => [keyOf(one), name] as const)),
  );
}

/** What a root is called: by the stack, or, where that does not know it, by the beginning of its key's SHA-256. */
export function rootName(root: X509Certificate, names: ReadonlyMap<string, string>): string {
  return names.get(keyOf(root)) ?? keyOf(root).slice(0, 8);
}

const millisecondsPerDay = 86_400_000;

/** How many whole days a certificate has left, below zero when it has ended. */
export function daysLeft({ validTo }: X509Certificate): number {
  return Math.floor((Date.parse(validTo) - Date.now()) / millisecondsPerDay);
}

/** The last day on which a certificate is valid. */
export function until({ validTo }: X509Certificate): string {
  return new Date(validTo).toISOString().slice(0, 10);
}

/** What is wrong with a certificate's validity period; undefined while it is valid. */
export function timeProblem({ validFrom, validTo }: X509Certificate): string | undefined {
  if (Date.parse(validTo) < Date.now()) {
    return `expired on ${new Date(validTo).toISOString()}`;
  }
  return Date.parse(validFrom) > Date.now() ? `is not valid before ${new Date(validFrom).toISOString()}` : undefined;
}
