import { createPublicKey, type X509Certificate } from "node:crypto";
import {
  cacertsNames,
  type CacertsNames,
  certificatesIn,
  hashOf,
  isCertificate,
  keyOf,
  readKeyAsGo,
} from "../../certificates";
import type { Cluster, Expected } from "../inventory";
import { kubectl, putBack } from "../remedies";

/** What istiod of a cluster is to sign with. */
export interface Cacerts {
  readonly names: CacertsNames;
  /** The first certificate of its file, as istiod reads it; undefined where there is none. */
  readonly intermediate: X509Certificate | undefined;
  /** What may stand between it and its root, in any order. */
  readonly between: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
  /** The private key's public half, as {@link keyOf} has it of a certificate, or why istiod can't read it. */
  readonly key: { readonly hash: string } | { readonly problem: string };
  /** Files that can't be read. */
  readonly unreadable: readonly string[];
}

/** The Secret that says what a cluster's istiod signs with. */
export const secretPath = "Secret istio-system/cacerts";

/** How it is created, or recreated. */
export function makeSecret(cluster: Cluster): string {
  return `${putBack} If it is managed elsewhere (root.existing), check what manages it: ${kubectl(cluster, "get", "certificates", "-n", "istio-system")}`;
}

/** How the stack's own root comes back: an update does not overwrite another one by itself, since whole meshes may trust it. */
export function takeBack(cluster: Cluster): string {
  return (
    `To have the stack's own again: ${kubectl(cluster, "delete", "secret", "-n", "istio-system", "cacerts")}, and pulumi up. If it is ` +
    "managed elsewhere (root.existing), have whoever manages it put it right."
  );
}

/** What a cluster's istiod is to sign with; undefined where there is no such Secret. */
export async function cacertsOf(cluster: Cluster): Promise<Cacerts | undefined> {
  const files = await cluster.secret("istio-system", "cacerts");
  if (files === undefined) {
    return undefined;
  }
  const names = cacertsNames(files);
  const unreadable: string[] = [];
  const read = (name: string): X509Certificate[] => {
    try {
      return certificatesIn(files[name]);
    } catch {
      unreadable.push(name);
      return [];
    }
  };
  const [intermediate, ...after] = read(names.certificate);
  const chain = names.chain.filter((name) => name !== names.certificate && name !== names.roots);
  return {
    names,
    intermediate,
    between: [...after, ...chain.flatMap(read)],
    roots: distinct(read(names.roots)),
    key: publicHalf(files[names.key]),
    unreadable,
  };
}

function publicHalf(pem: string | undefined): Cacerts["key"] {
  const read = pem === undefined ? { problem: "does not exist" } : readKeyAsGo(pem);
  return "problem" in read ? { problem: read.problem } : { hash: hashOf(createPublicKey(read.key)) };
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
