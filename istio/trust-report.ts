import type { X509Certificate } from "node:crypto";
import { keyOf, rootOf } from "../certificates";
import type { TrustState, WorkloadCertificate } from "./trust-state";

/** A root that a change is about. */
export interface NamedRoot {
  readonly name: string;
  readonly key: string;
}

/** Names of roots, by key. */
export type RootNames = ReadonlyMap<string, string>;

/** How many workload certificates of a cluster one intermediate has signed. */
export interface CertificateCount {
  /** Name of the root above it; a text in brackets where none of the known roots is. */
  readonly root: string;
  /** Serial number of the intermediate, hexadecimal. */
  readonly intermediate: string;
  readonly count: number;
}

/** How many workload certificates of a cluster are on which root and intermediate. */
export function countCertificates({ workloads }: TrustState, names: RootNames): CertificateCount[] {
  const counts = new Map<string, CertificateCount>();
  for (const workload of workloads) {
    const root = nameAbove(workload, names);
    const intermediate = workload.chain[1]?.serialNumber.toLowerCase() ?? "none";
    const before = counts.get(`${root} ${intermediate}`)?.count ?? 0;
    counts.set(`${root} ${intermediate}`, { root, intermediate, count: before + 1 });
  }
  return [...counts.values()].sort((one, other) => other.count - one.count);
}

/** The same in a sentence. */
export function countText(state: TrustState, names: RootNames): string {
  const counts = countCertificates(state, names).map(
    ({ root, intermediate, count }) => `${String(count)} on root ${root} (intermediate ${intermediate})`,
  );
  const total = state.workloads.length;
  return `${String(total)} workload ${total === 1 ? "certificate" : "certificates"}${total > 0 ? `: ${counts.join(", ")}` : ""}`;
}

/** Why a root may not sign yet: what in a cluster would not accept what it signs. A sentence each, none where nothing is. */
export function notYetTrusting({ name, key }: NamedRoot, state: TrustState): string[] {
  const { cacerts, published, workloads, outdated, perhapsOutdated } = state;
  const without = workloads.filter(({ roots }) => !has(roots, key));
  return [
    ...(cacerts && !has(cacerts.trusted, key)
      ? [`its Secret istio-system/cacerts does not have root ${name}: let its stack trust ${name} first (pulumi up)`]
      : []),
    ...(published && !has(published, key)
      ? [`its istiod has not published root ${name} yet: wait a minute, or look at the log of istiod`]
      : []),
    ...(without.length > 0
      ? [
          `${String(without.length)} of ${String(workloads.length)} workload certificates came without root ${name} ` +
            `(${some(without)}): ${renewal}`,
        ]
      : []),
    ...(outdated.length > 0
      ? [
          `${outdated.length === 1 ? "a ztunnel accepts" : "ztunnels accept"} istiod by the previous roots ` +
            `(${outdated.join(", ")}), and would not get certificates any more: restart with another text in root.reissue`,
        ]
      : []),
    ...(perhapsOutdated.length > 0
      ? [
          `whether ${perhapsOutdated.join(", ")} accept istiod by the current roots is unknown, since they do not report ` +
            "their version, and have started before: restart them with another text in root.reissue",
        ]
      : []),
    ...strangeIssuers(state),
  ];
}

/** Why a root may not be dropped yet: what in a cluster depends on it. A sentence each, none where nothing does. */
export function stillDepending({ name, key }: NamedRoot, state: TrustState): string[] {
  const { cacerts, issuers, workloads } = state;
  const on = workloads.filter((workload) => has(rootAbove(workload), key));
  const [intermediate, ...between] = cacerts?.chain ?? [];
  const signs = intermediate && cacerts && rootOf(intermediate, between, cacerts.trusted);
  const late = issuers.filter((issuer) => has(rootOfIssuer(issuer, state), key));
  return [
    ...(signs && keyOf(signs) === key
      ? [`its intermediate chains to root ${name}: let its stack sign with the other root first (pulumi up)`]
      : []),
    ...(late.length > 0
      ? [
          `its istiod signs with an intermediate of root ${name} (${late.map(({ pod }) => pod).join(", ")}): wait a minute, ` +
            "or look at the log of istiod",
        ]
      : []),
    ...strangeIssuers(state),
    ...(on.length > 0
      ? [
          `${String(on.length)} of ${String(workloads.length)} workload certificates chain to root ${name} (${some(on)}): ${renewal}`,
        ]
      : []),
  ];
}

const renewal =
  "wait until they are renewed (within 12 hours, half their lifetime), or write another text in root.reissue; pods with a " +
  "sidecar, and gateways, renew by kubectl rollout restart";

/** The first of the pods. */
function some(workloads: readonly WorkloadCertificate[]): string {
  const pods = [...new Set(workloads.map(({ pod }) => pod))];
  return pods.length > 3 ? `${pods.slice(0, 3).join(", ")} and ${String(pods.length - 3)} more` : pods.join(", ");
}

/** An istiod that signs with a certificate of an unknown root has not loaded its Secret, and won't load another one. */
function strangeIssuers(state: TrustState): string[] {
  const strange = state.issuers.filter((issuer) => rootOfIssuer(issuer, state).length === 0);
  return strange.length > 0
    ? [
        `its istiod signs with a certificate that chains to none of the roots in its Secret istio-system/cacerts ` +
          `(${strange.map(({ pod }) => pod).join(", ")}): look at the log of istiod`,
      ]
    : [];
}

/** The root above what an istiod signs with, of all that are known there. */
function rootOfIssuer({ certificate }: TrustState["issuers"][number], state: TrustState): X509Certificate[] {
  const { cacerts, published = [], workloads } = state;
  const roots = [...(cacerts?.trusted ?? []), ...published, ...workloads.flatMap((workload) => workload.roots)];
  const root = rootOf(certificate, cacerts?.chain ?? [], roots);
  return root ? [root] : [];
}

function has(certificates: readonly X509Certificate[], key: string): boolean {
  return certificates.some((certificate) => keyOf(certificate) === key);
}

/** The root that a workload's certificate is of, if its proxy has it. */
function rootAbove({ chain, roots }: WorkloadCertificate): X509Certificate[] {
  const [own, ...between] = chain;
  const root = own && rootOf(own, between, [...roots, ...between.filter((one) => one.checkIssued(one))]);
  return root ? [root] : [];
}

function nameAbove(workload: WorkloadCertificate, names: RootNames): string {
  const [root] = rootAbove(workload);
  return root ? (names.get(keyOf(root)) ?? keyOf(root).slice(0, 8)) : "(unknown)";
}
