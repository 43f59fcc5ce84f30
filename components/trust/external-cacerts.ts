import type { KeyObject, X509Certificate } from "node:crypto";
import {
  authorityFaults,
  cacertsNames,
  type CacertsNames,
  chainOf,
  type Fault,
  isKeyOf,
  keyLimit,
  keyOf,
  readAsGo,
  type ReadCertificates,
  readKeyAsGo,
} from "../../certificates";

/** The Secret `cacerts` of a cluster whose certificates are managed elsewhere. */
export interface ExternalCacerts {
  /** The mesh's name of the cluster. */
  readonly cluster: string;
  /** Files by name, PEM; undefined if there is no such Secret. */
  readonly files: Readonly<Record<string, string>> | undefined;
}

/** What istiod reads of a Secret. */
interface Authority {
  readonly cluster: string;
  readonly names: CacertsNames;
  readonly intermediate: X509Certificate;
  /** Absent where it can't be read. */
  readonly key: KeyObject | undefined;
  /** Everything that istiod sends along with a workload's certificate. */
  readonly chain: readonly X509Certificate[];
  /** Whether all of that could be read. */
  readonly complete: boolean;
  /** More than one while a root is being replaced. */
  readonly roots: readonly X509Certificate[];
  /** PEM, with nothing but the certificates. */
  readonly rootCertificate: string;
}

/** What certificates that are managed elsewhere amount to. */
export interface ExternalRoot {
  /** PEM; absent if there is a problem, or no certificate. */
  readonly rootCertificate?: string;
  /** Why istiod would not start, or the clusters could not trust one another: a sentence each. */
  readonly problems: readonly string[];
  /** What does not work with them everywhere: a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Whether the certificates of several clusters make one mesh: istiod can sign with each, and each one's intermediate chains to a root
 * of every other. istiod itself waits for ten minutes, or signs what nobody accepts.
 */
export function judgeExternalCacerts(all: readonly ExternalCacerts[], now = new Date()): ExternalRoot {
  const read = all.map(readOne);
  const authorities = read.flatMap(({ authority = [] }) => authority);
  const problems = [
    ...read.flatMap((one) => [...one.problems, ...(one.authority ? ownProblems(one.authority, now) : [])]),
    ...authorities.flatMap((one) => foreignRoots(one, authorities)),
    ...sharedKeys(authorities),
  ];
  const [first] = authorities;
  return {
    ...(problems.length === 0 && first && { rootCertificate: first.rootCertificate }),
    problems,
    warnings: authorities.flatMap(limits),
  };
}

function at(cluster: string, file?: string): string {
  return `cluster ${cluster}: ${file === undefined ? "" : `${file} in `}Secret istio-system/cacerts`;
}

function sentence(cluster: string, file: string, { problem, wanted }: Fault): string {
  return `${at(cluster, file)} ${problem}. Have whoever manages it put ${wanted} there.`;
}

interface Read {
  readonly problems: readonly string[];
  /** Absent where there is no certificate to sign with, or no root. */
  readonly authority?: Authority;
}

/** Reads the files that istiod reads, as it does. */
function readOne({ cluster, files }: ExternalCacerts): Read {
  if (files === undefined) {
    return {
      problems: [
        `${at(cluster)} does not exist. Have it created before the mesh: docs/certificates.md#certificates-that-someone-else-keeps`,
      ],
    };
  }
  const names = cacertsNames(files);
  const wanted = [...new Set([names.certificate, names.key, ...names.chain, names.roots])];
  const missing = wanted.filter((file) => files[file] === undefined);
  const problems =
    missing.length > 0 ? [`${at(cluster)} lacks ${missing.join(", ")}. ${completeSecret(names, wanted)}`] : [];
  const certificates = new Map<string, ReadCertificates>();
  let key: KeyObject | undefined;
  for (const file of wanted) {
    const text = files[file];
    const read = text === undefined ? undefined : file === names.key ? readKeyAsGo(text) : readAsGo(text);
    if (read && "problem" in read) {
      problems.push(sentence(cluster, file, read));
    } else if (read && "key" in read) {
      ({ key } = read);
    } else if (read) {
      certificates.set(file, read);
    }
  }
  const [intermediate] = certificates.get(names.certificate)?.certificates ?? [];
  const roots = certificates.get(names.roots);
  if (!intermediate || !roots) {
    return { problems };
  }
  const complete = names.chain.every((file) => certificates.has(file));
  const chain = names.chain.flatMap((file) => certificates.get(file)?.certificates ?? []);
  const authority = { cluster, names, intermediate, key, chain, complete, roots: roots.certificates };
  return { problems, authority: { ...authority, rootCertificate: roots.pem } };
}

function completeSecret({ certificate }: CacertsNames, wanted: readonly string[]): string {
  return certificate === "tls.crt"
    ? `istiod takes a Secret that has tls.crt for one of cert-manager's: have whoever manages it add ${wanted.join(", ")}, or take tls.crt out.`
    : `istiod does not start without them: have whoever manages it add ${wanted.join(", ")}, or tls.crt, tls.key and ca.crt.`;
}

function ownProblems(own: Authority, now: Date): string[] {
  const { cluster, names, intermediate, key, chain, complete, roots } = own;
  const above = chainOf(intermediate, chain, roots);
  const faults = [intermediate, ...(above ?? [])].flatMap((one, below) =>
    authorityFaults(one, { below, now }).map((fault) => {
      const file = below === 0 ? names.certificate : one === above?.at(-1) ? names.roots : (names.chain[0] ?? "");
      return sentence(cluster, file, {
        ...fault,
        problem: `${below === 0 ? "" : `has a certificate (${subjectOf(one)}) that `}${fault.problem}`,
      });
    }),
  );
  const sent = chain.some(({ fingerprint256 }) => fingerprint256 === intermediate.fingerprint256);
  return [
    ...faults,
    ...(key === undefined || isKeyOf(key, intermediate)
      ? []
      : [
          `${at(cluster, names.key)} is not the key of ${names.certificate}. Have whoever manages it put the certificate and the key of one and ` +
            "the same authority there.",
        ]),
    ...(above === undefined && complete
      ? [
          `${at(cluster, names.certificate)} does not chain to the root in the same Secret (${names.roots})` +
            `${names.certificate === names.chain[0] ? "" : ` over what is in ${names.chain.join(" and ")}`}. Have whoever manages it add ` +
            "the authorities between the two, and the root that signed them.",
        ]
      : []),
    // Proxies would not know what has signed a workload's certificate.
    ...(sent || !complete || above?.length === 0
      ? []
      : [
          `${at(cluster, names.chain.join(" and "))} does not have the certificate in ${names.certificate}, so no other cluster accepts what ` +
            `istiod signs. Have whoever manages it put ${names.certificate} there first, and then the authorities above it.`,
        ]),
  ];
}

function limits({ cluster, names, intermediate, roots }: Authority): string[] {
  const files = [[names.certificate, intermediate] as const, ...roots.map((root) => [names.roots, root] as const)];
  return files.flatMap(([file, { publicKey }]) => {
    const limit = keyLimit(publicKey);
    return limit === undefined
      ? []
      : [`${at(cluster, file)} ${limit}. ECDSA (P-256 or P-384) and RSA work everywhere.`];
  });
}

function subjectOf({ subject }: X509Certificate): string {
  return subject.split("\n").join(", ");
}

function foreignRoots(own: Authority, all: readonly Authority[]): string[] {
  const chains = ({ roots }: Authority) => chainOf(own.intermediate, own.chain, roots) !== undefined;
  return all
    .filter((other) => chains(own) && !chains(other))
    .map(
      ({ cluster }) =>
        `cluster ${own.cluster}: its intermediate certificate does not chain to the root that cluster ${cluster} trusts, so ` +
        "no call between them would be accepted. Have one root sign the intermediates of all clusters.",
    );
}

/** Whoever obtains the key from one cluster could impersonate the others. */
function sharedKeys(all: readonly Authority[]): string[] {
  const byKey = new Map<string, Authority[]>();
  for (const one of all) {
    const key = keyOf(one.intermediate);
    byKey.set(key, [...(byKey.get(key) ?? []), one]);
  }
  return [...byKey.values()]
    .filter((same) => same.length > 1)
    .map(
      (same) =>
        `clusters ${same.map(({ cluster }) => cluster).join(", ")}: ${[...new Set(same.map(({ names }) => names.certificate))].join(" and ")} in ` +
        "Secret istio-system/cacerts has the same key in each, so whoever obtains it from one cluster can impersonate the others. Have " +
        "an intermediate of its own issued for each cluster.",
    );
}
